import { detailOf } from '@pixdock/contract/messages/detail';
import type { WebhookEvent } from '@pixdock/contract/webhook';
import { openDeliveries } from '@pixdock/shared/state/webhooks/deliveries';
import { openEndpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { openOutbox } from '@pixdock/shared/state/webhooks/outbox';
import type { WebhookTarget } from '@pixdock/shared/state/webhooks/webhook-target';
import { endRestore } from '@pixdock/shared/testing/end-restore';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import type { PostOutcome } from '../fetch/post.js';
import { CONTEXT, openWorkerParts } from '../testing/worker-parts.js';
import { relaySome } from '../webhooks/relay.js';
import { deliverWebhooks } from './deliver-webhooks.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
afterEach(() => {
  vi.useRealTimers();
});

/** Of the first retry; the second takes sixty times as long. */
const FIRST_DELAY_MS = 1000;

const HOUR_MS = 3600_000;
/** As docs/webhooks.md says; the fifth attempt is more than an hour after the first. */
const DELAYS_MS = [5000, 5 * 60_000, 30 * 60_000, 2 * HOUR_MS] as const;

const OK: PostOutcome = { status: 200, error: null, retryAfterMs: null, again: true, body: null };
const NO_CONNECTION: PostOutcome = { ...OK, status: null, error: detailOf('source-not-connected', {}) };
async function oneEndpoint({ firstDelayMs = FIRST_DELAY_MS } = {}) {
  const { connection, settings } = redis;
  await connection.flushall();
  const parts = await openWorkerParts(redis);
  await endRestore(parts.records.epoch);
  const endpoints = openEndpoints(connection, settings.prefix, parts.staging.notes);
  const deliveries = openDeliveries(connection, settings.prefix);
  const wanted = { url: 'https://a.example/', events: ['image.published' as const], items: false };
  const { id: endpointId = '' } = (await endpoints.create('acme', wanted)) ?? {};
  const sent: { id: string; url: string; at: number; event: WebhookEvent }[] = [];
  let respond: () => PostOutcome | Promise<PostOutcome> = () => OK;
  const sender = {
    async post(url: string, body: Buffer, headers: Readonly<Record<string, string>>) {
      const id = headers['webhook-id'] ?? '';
      sent.push({ id, url, at: Date.now(), event: JSON.parse(body.toString()) });
      return respond();
    },
  };
  const deps = {
    ...parts,
    endpoints,
    deliveries,
    sender,
    outbox: openOutbox(connection, settings.prefix, parts.records.epoch),
  };
  const handler = deliverWebhooks(deps, firstDelayMs);
  return {
    ...deps,
    endpointId,
    sent,
    relay: async () => {
      const { owners, epoch } = await deps.outbox.owners();
      return owners[0] === undefined ? 0 : (await relaySome(deps, owners[0], epoch)).relayed;
    },
    deliver: (id = endpointId) => handler({ endpointId: id, owner: 'acme' }, CONTEXT),
    endWith: (outcome: PostOutcome) => {
      respond = () => outcome;
    },
    respondWith: (to: typeof respond) => {
      respond = to;
    },
    publish: async (webhook: WebhookTarget | null = null) => {
      const made = testRecord({ status: 'published' });
      const record = { ...made, internal: { ...made.internal, webhook } };
      await parts.records.create(record);
      return record.id;
    },
  };
}

it('delivers an event once, also if the relay repeats it', async () => {
  const { relay, deliver, publish, sent, deliveries, queue, endpointId } = await oneEndpoint();
  const id = await publish();
  expect(await relay()).toBe(1);
  expect(queue.deliveries).toEqual([endpointId]);
  expect(await deliver()).toEqual({ outcome: 'done' });
  expect(sent).toMatchObject([{ event: { type: 'image.published', data: { id, version: 1 } } }]);
  const delivery = await deliveries.get('acme', sent[0]?.id ?? '');
  expect(delivery).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] });

  if (delivery !== null) await deliveries.add('acme', delivery.event, [{ endpointId, url: null }]);
  expect(await deliver()).toEqual({ outcome: 'done' });
  expect(sent).toHaveLength(1);
});

it('repeats a failed delivery under the same id, on schedule', async () => {
  const { relay, deliver, publish, sent, deliveries, endWith, endpointId } = await oneEndpoint();
  await publish();
  await relay();
  endWith(NO_CONNECTION);
  const { afterMs } = (await deliver()) as { afterMs: number };
  expect(afterMs).toBeGreaterThan(500);
  expect(afterMs).toBeLessThanOrEqual(1100);
  expect(sent).toHaveLength(1);

  for (let attempts = 1; attempts < 10; attempts++) {
    const pending = await deliveries.get('acme', sent[0]?.id ?? '');
    expect(pending).toMatchObject({ status: 'pending' });
    expect(pending?.attempts).toHaveLength(attempts);
    if (pending !== null) await deliveries.save({ ...pending, nextAttemptAt: new Date().toISOString() });
    await deliver();
  }
  expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
  expect(sent).toHaveLength(10);
  expect(await deliveries.get('acme', sent[0]?.id ?? '')).toMatchObject({
    status: 'failed',
    nextAttemptAt: null,
  });
  expect(await deliveries.nextDueAt(endpointId)).toBeNull();

  const failed = await deliveries.get('acme', sent[0]?.id ?? '');
  if (failed !== null) await deliveries.restart(failed);
  await deliver();
  expect(sent).toHaveLength(11);
  const resent = await deliveries.get('acme', failed?.id ?? '');
  expect([resent?.status, resent?.attempts.length]).toEqual(['pending', 11]);
});

it.each([302, 304, 404, 500])('tries again after a response with %i', async (status) => {
  const { relay, deliver, publish, sent, deliveries, endWith } = await oneEndpoint();
  await publish();
  await relay();
  endWith({ ...OK, status });
  expect(await deliver()).toEqual({ outcome: 'again', afterMs: expect.any(Number) });
  expect(await deliveries.get('acme', sent[0]?.id ?? '')).toMatchObject({
    status: 'pending',
    attempts: [{ status }],
  });
});

it('keeps a delivered event for a day', async () => {
  const { relay, deliver, publish, sent, endpointId } = await oneEndpoint();
  await publish();
  await relay();
  await deliver();
  const removeAt = await redis.connection.zscore(
    `${redis.settings.prefix}:deliveries-ended:${endpointId}`,
    sent[0]?.id ?? '',
  );
  const keptMs = Number(removeAt) - Date.now();
  expect(keptMs / HOUR_MS).toBeGreaterThan(23);
  expect(keptMs / HOUR_MS).toBeLessThanOrEqual(24);
});

it('ends a delivery at once that can never succeed, and lists its attempts when it is resent', async () => {
  const { relay, deliver, publish, sent, deliveries, endWith } = await oneEndpoint();
  await publish();
  await relay();
  const first = { status: null, error: detailOf('source-not-public', { hop: 'webhook' }) };
  endWith({ ...first, retryAfterMs: null, again: false, body: null });
  expect(await deliver()).toEqual({ outcome: 'done' });
  const failed = await deliveries.get('acme', sent[0]?.id ?? '');
  expect(failed).toMatchObject({ status: 'failed', attempts: [first], nextAttemptAt: null });
  if (failed === null) return;
  await deliveries.restart(failed);
  endWith({ ...OK, status: 503 });
  // With the delay after a first attempt.
  expect(await deliver()).toMatchObject({ outcome: 'again', afterMs: expect.closeTo(FIRST_DELAY_MS, -3) });
  const { attempts = [], tries } = (await deliveries.get('acme', failed.id)) ?? {};
  expect([attempts.map(({ status }) => status), tries]).toEqual([[null, 503], 1]);
});

it('lists the last fifty attempts', async () => {
  const { relay, deliver, publish, sent, deliveries, endWith } = await oneEndpoint();
  await publish();
  await relay();
  endWith({ ...OK, status: 503 });
  await deliver();
  for (let i = 0; i < 55; i++) {
    const found = await deliveries.get('acme', sent[0]?.id ?? '');
    if (found !== null) await deliveries.restart(found);
    await deliver();
  }
  expect((await deliveries.get('acme', sent[0]?.id ?? ''))?.attempts).toHaveLength(50);
});

it('delivers each event under one id, on schedule, after a receiver was down for an hour', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const [firstDelayMs] = DELAYS_MS;
  const { relay, deliver, publish, sent, endWith } = await oneEndpoint({ firstDelayMs });
  const images = [await publish(), await publish(), await publish()];
  await relay();
  const began = Date.now();
  endWith(NO_CONNECTION);
  for (let result = await deliver(); result.outcome === 'again'; result = await deliver()) {
    vi.setSystemTime(Date.now() + result.afterMs);
    if (Date.now() >= began + HOUR_MS) endWith(OK);
  }
  expect(new Set(sent.map(({ event }) => event.data.id))).toEqual(new Set(images));
  expect(new Set(sent.map(({ id }) => id)).size).toBe(images.length);
  for (const image of images) {
    const times = sent.filter(({ event }) => event.data.id === image).map(({ at }) => at);
    const delays = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(delays).toHaveLength(DELAYS_MS.length);
    for (const [i, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(0.9 * (DELAYS_MS[i] ?? 0));
      // Beside the jitter, a delivery waits for others that are due a little earlier.
      expect(delay).toBeLessThanOrEqual(1.1 * (DELAYS_MS[i] ?? 0) + 1000);
    }
  }
});

it('waits as long as Retry-After says', async () => {
  const { relay, deliver, publish, endWith } = await oneEndpoint();
  await publish();
  await relay();
  endWith({ ...OK, status: 503, retryAfterMs: 60 * 60_000 });
  const { afterMs } = (await deliver()) as { afterMs: number };
  // The test clock shortens it to a fifth.
  expect(afterMs).toBeGreaterThan(11 * 60_000);
});

it('disables an endpoint that responds 410, and drops what it has pending', async () => {
  const { relay, deliver, publish, endWith, endpoints, deliveries, endpointId, sent, lines } =
    await oneEndpoint();
  for (let image = 0; image < 6; image++) await publish();
  await relay();
  endWith({ ...OK, status: 410 });
  expect(await deliver()).toEqual({ outcome: 'done' });
  expect(sent.length).toBeLessThanOrEqual(4);
  expect((await endpoints.find('acme', endpointId))?.disabledAt).not.toBeNull();
  expect(await deliveries.nextDueAt(endpointId)).toBeNull();
  expect(lines.filter(({ msg }) => msg.startsWith('webhook endpoint is gone'))).toHaveLength(1);
  await publish();
  expect(await relay()).toBe(0);
});

it('sends a deleted endpoint nothing, and removes its deliveries', async () => {
  const { relay, deliver, publish, endpoints, deliveries, endpointId, sent } = await oneEndpoint();
  await publish();
  await relay();
  await deliver();
  await publish();
  await relay();
  await endpoints.remove('acme', endpointId);
  expect(await deliver()).toEqual({ outcome: 'done' });
  expect(sent).toHaveLength(1);
  expect(await deliveries.list('acme', {}, null, 10)).toEqual({ items: [], next: null });
});

it('relays the events of a restored Redis once the endpoints are restored', async () => {
  const { relay, publish, endpoints, deliveries, endpointId, records } = await oneEndpoint();
  await redis.connection.flushall();
  await publish();
  expect(await relay()).toBe(0);
  await endpoints.restore();
  await endRestore(records.epoch);
  expect(await relay()).toBe(1);
  expect(await deliveries.nextDueAt(endpointId)).not.toBeNull();
});

it('sends the event of a submission to its webhookUrl, too', async () => {
  const { relay, deliver, publish, endpointId, sent, deliveries } = await oneEndpoint();
  const url = 'https://a.example/order/7';
  const id = await publish({ endpointId, url });
  await relay();
  await deliver();
  expect(sent.map((one) => one.url).toSorted()).toEqual(['https://a.example/', url]);
  expect(new Set(sent.map((one) => one.id)).size).toBe(2);
  expect(sent.map(({ event }) => event.data.id)).toEqual([id, id]);
  const own = sent.find((one) => one.url === url);
  expect(await deliveries.get('acme', own?.id ?? '')).toMatchObject({ webhookUrl: url, endpointId });

  // The same URL as the endpoint that wants the event already.
  await publish({ endpointId, url: null });
  await relay();
  await deliver();
  expect(sent).toHaveLength(3);
});

it('keeps an endpoint whose webhookUrl of a submission responds 410', async () => {
  const { relay, deliver, publish, endpoints, endpointId, endWith, deliveries, sent } = await oneEndpoint();
  await endpoints.remove('acme', endpointId);
  const wanted = { url: 'https://a.example/', events: [], items: false };
  const { id = '' } = (await endpoints.create('acme', wanted)) ?? {};
  await publish({ endpointId: id, url: 'https://a.example/order/7' });
  await relay();
  endWith({ ...OK, status: 410 });
  await deliver(id);
  expect(sent).toHaveLength(1);
  expect((await endpoints.find('acme', id))?.disabledAt).toBeNull();
  expect(await deliveries.get('acme', sent[0]?.id ?? '')).toMatchObject({ status: 'failed' });
});
