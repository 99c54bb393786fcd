import type { WebhookEvent } from '@pixdock/contract/webhook';
import { recordKeys } from '@pixdock/shared/state/records/keys';
import { openDeliveries } from '@pixdock/shared/state/webhooks/deliveries';
import { openEndpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { openOutbox } from '@pixdock/shared/state/webhooks/outbox';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import type { PostOutcome } from '../fetch/post.js';
import { CONTEXT, openWorkerParts } from '../testing/worker-parts.js';
import { relaySome } from '../webhooks/relay.js';
import { deliverWebhooks } from './deliver-webhooks.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

/** Of the first retry; the second takes sixty times as long. */
const FIRST_DELAY_MS = 1000;

async function oneEndpoint() {
  const { connection, settings } = redis;
  await connection.flushall();
  await connection.set(recordKeys(settings.prefix).epoch, 'the run id of Redis');
  const parts = await openWorkerParts(redis);
  const endpoints = openEndpoints(connection, settings.prefix, parts.staging.layout);
  const deliveries = openDeliveries(connection, settings.prefix);
  const wanted = { url: 'https://a.example/', events: ['image.published' as const], items: false };
  const { id: endpointId = '' } = (await endpoints.create('acme', wanted)) ?? {};
  const sent: { id: string; event: WebhookEvent }[] = [];
  let respond: () => PostOutcome = () => ({ status: 200, retryAfterMs: null });
  const sender = {
    async post(_url: string, body: Buffer, headers: Readonly<Record<string, string>>) {
      sent.push({ id: headers['webhook-id'] ?? '', event: JSON.parse(body.toString()) });
      return respond();
    },
  };
  const deps = { ...parts, endpoints, deliveries, sender, outbox: openOutbox(connection, settings.prefix) };
  const handler = deliverWebhooks(deps, FIRST_DELAY_MS);
  return {
    ...deps,
    endpointId,
    sent,
    relay: async () => {
      let relayed = 0;
      // The first call may only create the consumer group.
      for (let call = 0; call < 2; call++) relayed += await relaySome(deps);
      return relayed;
    },
    deliver: () => handler({ endpointId, owner: 'acme' }, CONTEXT),
    answerWith: (outcome: PostOutcome) => {
      respond = () => outcome;
    },
    publish: async () => {
      const record = testRecord({ status: 'published' });
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
  const delivery = await deliveries.get(sent[0]?.id ?? '');
  expect(delivery).toMatchObject({ status: 'delivered', attempts: [{ status: 200 }] });

  if (delivery !== null) await deliveries.add('acme', endpointId, delivery.event);
  expect(await deliver()).toEqual({ outcome: 'done' });
  expect(sent).toHaveLength(1);
});

it('repeats a failed delivery under the same id, on schedule', async () => {
  const { relay, deliver, publish, sent, deliveries, answerWith, endpointId } = await oneEndpoint();
  await publish();
  await relay();
  answerWith({ status: null, error: 'no connection' });
  const { afterMs } = (await deliver()) as { afterMs: number };
  expect(afterMs).toBeGreaterThan(500);
  expect(afterMs).toBeLessThanOrEqual(1100);
  expect(sent).toHaveLength(1);

  for (let attempts = 1; attempts < 10; attempts++) {
    const pending = await deliveries.get(sent[0]?.id ?? '');
    expect(pending).toMatchObject({ status: 'pending' });
    expect(pending?.attempts).toHaveLength(attempts);
    if (pending !== null) await deliveries.save({ ...pending, nextAttemptAt: new Date().toISOString() });
    await deliver();
  }
  expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
  expect(sent).toHaveLength(10);
  expect(await deliveries.get(sent[0]?.id ?? '')).toMatchObject({ status: 'failed', nextAttemptAt: null });
  expect(await deliveries.nextDueAt(endpointId)).toBeNull();
});

it('waits as long as Retry-After says', async () => {
  const { relay, deliver, publish, answerWith } = await oneEndpoint();
  await publish();
  await relay();
  answerWith({ status: 503, retryAfterMs: 60 * 60_000 });
  const { afterMs } = (await deliver()) as { afterMs: number };
  // The test clock shortens it to a fifth.
  expect(afterMs).toBeGreaterThan(11 * 60_000);
});

it('disables an endpoint that responds 410, and drops what it has pending', async () => {
  const { relay, deliver, publish, answerWith, endpoints, deliveries, endpointId, sent, lines } =
    await oneEndpoint();
  for (let image = 0; image < 6; image++) await publish();
  await relay();
  answerWith({ status: 410, retryAfterMs: null });
  expect(await deliver()).toEqual({ outcome: 'done' });
  expect(sent.length).toBeLessThanOrEqual(4);
  expect((await endpoints.find('acme', endpointId))?.disabledAt).not.toBeNull();
  expect(await deliveries.nextDueAt(endpointId)).toBeNull();
  expect(lines.filter(({ msg }) => msg.startsWith('webhook endpoint is gone'))).toHaveLength(1);
  await publish();
  expect(await relay()).toBe(0);
});

it('sends a deleted endpoint nothing', async () => {
  const { relay, deliver, publish, endpoints, endpointId, sent } = await oneEndpoint();
  await publish();
  await relay();
  await endpoints.remove('acme', endpointId);
  expect(await deliver()).toEqual({ outcome: 'done' });
  expect(sent).toEqual([]);
});

it('relays the events of a restored Redis once the endpoints are restored', async () => {
  const { relay, publish, endpoints, deliveries, endpointId } = await oneEndpoint();
  await redis.connection.flushall();
  await publish();
  expect(await relay()).toBe(0);
  await endpoints.restore();
  await redis.connection.set(recordKeys(redis.settings.prefix).epoch, 'the run id of Redis');
  expect(await relay()).toBe(1);
  expect(await deliveries.nextDueAt(endpointId)).not.toBeNull();
});
