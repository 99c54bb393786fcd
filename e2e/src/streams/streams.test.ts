import { setTimeout as sleep } from 'node:timers/promises';
import { fetchEventSource } from '@microsoft/fetch-event-source';
import type { Batch } from '@pixdock/contract/batch';
import type { UploadToken } from '@pixdock/contract/upload-token';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { openRecords } from '@pixdock/shared/state/images/records';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { ask, until, untilServed, upload, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { isStopped } from '../harness/process-stats.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { startWebhookReceiver, type WebhookReceiver } from '../harness/webhook-receiver.js';
import { openStream, type StreamEvent } from './read-stream.js';

const CUTS = 100;
const PREFIX = '{pixdock}';

let stack: Stack;
let source: SourceServer;
let receiver: WebhookReceiver;
beforeAll(async () => {
  source = await startSourceServer({ images: { photo: { bytes: await photo(), type: 'image/jpeg' } } });
  receiver = await startWebhookReceiver();
  stack = await startApiOnly({ SOURCE_ALLOW: source.host, WEBHOOK_ALLOW: receiver.host });
});
afterAll(async () => {
  await stack.stop();
  receiver.stop();
  await source.stop();
});

test('gives the holder of an upload token the stream of its image, and no other', async () => {
  const { body: token } = await ask<UploadToken>(stack, '/v1/upload-tokens', { method: 'POST' });
  const headers = { Authorization: `Bearer ${token.token}` };
  const { body: image } = await upload(stack, await photo(), { headers });
  const { body: ofOwner } = await upload(stack, await photo());
  const path = (id: string) => `/v1/images/${id}/events`;
  expect((await untilServed(() => ask(stack, path(ofOwner.id), { headers }))).status).toBe(404);
  expect((await ask(stack, '/v1/events', { headers })).status).toBe(403);
  const { events, cut } = await openStream(stack, path(image.id), undefined, headers);
  expect((await events.next()).value?.data.id).toBe(image.id);
  cut();
});

test('resumes the stream of an owner with what changed since, and reports a gap for an unknown id', async () => {
  const first = async (lastEventId?: string) => {
    const { events, cut } = await openStream(stack, '/v1/events', lastEventId);
    return { next: async () => (await events.next()).value, cut };
  };
  const stream = await first();
  const { body: seen } = await upload(stack, await photo());
  const event = await stream.next();
  expect(event?.data.id).toBe(seen.id);
  stream.cut();
  const { body: missed } = await upload(stack, await photo());
  const resumed = await first(event?.id);
  expect((await resumed.next())?.data.id).toBe(missed.id);
  resumed.cut();
  const lost = await first('of-no-feed');
  expect((await lost.next())?.type).toBe('gap');
  lost.cut();
});

test('shows a client that is cut at random rising versions, none twice, and the final one', async () => {
  const { body: image } = await upload(stack, await photo());
  const path = `/v1/images/${image.id}/events`;
  const versions: number[] = [];
  const isChanging = new AbortController();
  const changing = changeUntil(isChanging.signal, image.id);
  let last: string | undefined;
  for (let cuts = 0; cuts < CUTS || versions.length < CUTS; cuts++) {
    const stream = await openStream(stack, path, last);
    expect(stream.status).toBe(200);
    const cut = setTimeout(stream.cut, Math.random() * 30);
    const wanted = Math.floor(Math.random() * 3);
    let received = 0;
    for await (const { id, data } of stream.events) {
      expect(String(data.version)).toBe(id);
      versions.push(data.version);
      last = id;
      if (++received > wanted) stream.cut();
    }
    clearTimeout(cut);
  }
  isChanging.abort();
  await changing;
  await stack.restartWorker();
  const stream = await openStream(stack, path, last);
  let final: StreamEvent | undefined;
  for await (final of stream.events) versions.push(final.data.version);
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
  expect(final?.data).toEqual((await ask(stack, `/v1/images/${image.id}`)).body);
  expect(final?.data.status).toBe('published');
  expect((await openStream(stack, path, final?.id)).status).toBe(204);
});

// The worker of the test before runs.
test('reads the same status and version by GET, wait, stream, webhook and report', async () => {
  const events = ['image.published', 'image.failed', 'batch.finished'];
  await receiver.subscribe(stack, 'hook', { events, items: true });
  const owner = await openStream(stack, '/v1/events');
  const items = ['/image/photo', '/missing.jpg'].map((path) => ({ url: `${source.url}${path}` }));
  const { body: batch } = await ask<Batch>(stack, '/v1/batches', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ items }),
  });
  const batchPath = `/v1/batches/${batch.id}`;
  const streamed = await lastOf((await openStream(stack, `${batchPath}/events`)).events);
  const waited = (await ask<Batch>(stack, `${batchPath}?wait=30`)).body;
  expect(streamed.data).toEqual(waited);
  expect(waited).toEqual((await ask<Batch>(stack, batchPath)).body);
  expect((await ask<{ items: Batch[] }>(stack, '/v1/batches')).body.items[0]).toEqual(waited);
  expect([waited.status, waited.counts.published, waited.counts.failed]).toEqual(['finished', 1, 1]);

  const report = await (await fetchReport(batch.id)).text();
  const rows = report
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { body: page } = await ask<{ items: StreamEvent['data'][] }>(stack, `${batchPath}/items`);
  const facts = ({ id, status, version }: StreamEvent['data']) => ({ id, status, version });
  for (const [i, item] of page.items.entries()) {
    const path = `/v1/images/${item.id}`;
    const ofStream = await lastOf((await openStream(stack, `${path}/events`)).events);
    const ofGet = await ask(stack, path);
    const ofWait = await ask(stack, `${path}?wait=30`);
    for (const state of [ofStream.data, ofGet.body, ofWait.body]) expect(facts(state)).toEqual(facts(item));
    expect(ofGet.headers.get('etag')).toBe(`"${item.version}"`);
    expect(rows[i]).toMatchObject({ id: item.id, status: item.status });
    expect(await eventAbout(item.id)).toMatchObject({ ...facts(item), url: ofGet.body.url });
  }
  expect(await eventAbout(batch.id)).toMatchObject(facts(waited));

  const single = await uploadAndWait(stack, await photo());
  const path = `/v1/images/${single.id}`;
  const ofStream = await lastOf((await openStream(stack, `${path}/events`)).events);
  expect(ofStream.data).toEqual(single);
  expect((await ask(stack, `${path}?wait=30`)).body).toEqual(single);
  expect(await eventAbout(single.id)).toMatchObject({ ...facts(single), url: single.url, code: null });

  const wanted = new Map([waited, ...page.items].map(({ id, version }) => [id, version] as const));
  const seen = new Map<string, number>();
  for await (const { data } of owner.events) {
    expect(data.version).toBeGreaterThan(seen.get(data.id) ?? 0);
    seen.set(data.id, data.version);
    if ([...wanted].every(([id, version]) => seen.get(id) === version)) break;
  }
  owner.cut();
});

test('shows a batch as finished once its event is sent, and as running to a retry before that', async () => {
  await stack.worker.stop();
  await stack.restartWorker({ PIXDOCK_FAULTPOINT: 'batch-ending!STOP' });
  const id = await submitMissing();
  await until('the worker to stop before it closes the batch', 60, async () =>
    isStopped(stack.worker.pid) ? true : null,
  );
  const path = `/v1/batches/${id}`;
  const unclosed = { status: 'running', progress: 1, finishedAt: null, counts: { failed: 1 } };
  expect((await ask(stack, path)).body).toMatchObject(unclosed);
  expect((await ask(stack, `${path}?wait=1`)).body).toMatchObject(unclosed);
  const { body: list } = await ask<{ items: Batch[] }>(stack, '/v1/batches');
  expect(list.items[0]).toMatchObject({ id, ...unclosed });
  const { body: page } = await ask<{ items: { id: string }[] }>(stack, `${path}/items`);
  const retried = await ask(stack, `/v1/images/${page.items[0]?.id}/retry`, { method: 'POST' });
  expect(retried.status).toBe(202);
  stack.worker.kill('SIGCONT');
  const { body: batch } = await ask<Batch>(stack, `${path}?wait=30`);
  expect(batch).toMatchObject({ status: 'finished', counts: { failed: 1 } });
  expect((await ask(stack, `${path}/items`)).body).toMatchObject({ items: [{ run: 2 }] });
  const { version, finishedAt } = batch;
  await eventAbout(id);
  expect(webhooksAbout(id)).toMatchObject([
    { event: { timestamp: finishedAt, data: { version, status: 'finished' } } },
  ]);
});

test('sends the event of a batch once, although its worker is killed, and again under its id after FLUSHALL', async () => {
  await stack.worker.stop();
  await stack.restartWorker({ PIXDOCK_FAULTPOINT: 'batch-ending' });
  const id = await submitMissing();
  await stack.worker.exited;
  expect((await ask(stack, `/v1/batches/${id}`)).body).toMatchObject({ status: 'running', progress: 1 });
  await stack.restartWorker({ PIXDOCK_FAULTPOINT: 'batch-closed' });
  await stack.worker.exited;
  const { body: batch } = await ask<Batch>(stack, `/v1/batches/${id}`);
  expect(batch.status).toBe('finished');
  await stack.restartWorker();
  expect(await eventAbout(id)).toMatchObject({ version: batch.version, status: 'finished' });
  stack.redis.cli('FLUSHALL');
  await until('the event to be sent again', 60, async () => (webhooksAbout(id).length > 1 ? true : null));
  const [first, ...repeated] = webhooksAbout(id);
  expect(repeated).toEqual([first]);
  const { body: restored } = await ask<Batch>(stack, `/v1/batches/${id}?wait=30`);
  expect(restored).toMatchObject({ status: 'finished', finishedAt: batch.finishedAt });
});

test('sends only blocks with JSON, which @microsoft/fetch-event-source needs', async () => {
  vi.stubGlobal('document', { hidden: false, addEventListener() {}, removeEventListener() {} });
  vi.stubGlobal('window', globalThis);
  onTestFinished(() => void vi.unstubAllGlobals());
  const begun = await upload(stack, await photo());
  const seen: string[] = [];
  for (const path of [`/v1/images/${begun.body.id}/events`, '/v1/events']) {
    const cut = new AbortController();
    await fetchEventSource(`${stack.api.url}${path}`, {
      headers: { Authorization: 'Bearer key-of-the-owner-acme' },
      signal: cut.signal,
      fetch,
      onmessage({ id, event, data }) {
        const { status } = JSON.parse(data);
        seen.push(event);
        expect(id).not.toBe('');
        if (status === 'published' || event === 'ready') cut.abort();
      },
      onerror(error) {
        throw error;
      },
    });
  }
  expect(new Set(seen)).toEqual(new Set(['image', 'ready']));
});

test('gives no stream of another owner, and ends all streams when the server stops', async () => {
  const { body: image } = await upload(stack, await photo(), { headers: {} });
  const other = { headers: { Authorization: 'Bearer key-of-the-owner-other' } };
  const theirs = await untilServed(() => ask(stack, `/v1/images/${image.id}/events`, other));
  expect(theirs.status).toBe(404);
  const { headers, events } = await openStream(stack, '/v1/events');
  expect(headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  await stack.api.stop();
  // The image of this test may still have sent events.
  while (!(await events.next()).done);
  await stack.restartApi();
});

/** Changes the version of an image every few milliseconds, as a worker would. */
async function changeUntil(signal: AbortSignal, id: string): Promise<void> {
  const connection = connectRedis({ url: stack.redis.url, prefix: PREFIX }, 'patient', () => {});
  const records = openRecords(connection, PREFIX);
  while (!signal.aborted) {
    await records.transition(id, (current) => current);
    await sleep(10);
  }
  connection.disconnect();
}

/** Submits a batch of one item whose source is missing. */
async function submitMissing(): Promise<string> {
  const { body } = await ask<Batch>(stack, '/v1/batches', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ items: [{ url: `${source.url}/missing.jpg` }] }),
  });
  return body.id;
}

const webhooksAbout = (id: string) => receiver.received.filter(({ event }) => event.data.id === id);

/** The data of the first webhook about an image or a batch. */
const eventAbout = (id: string) =>
  until(`a webhook about ${id}`, 60, async () => {
    return webhooksAbout(id)[0]?.event.data ?? null;
  });

async function lastOf(events: AsyncGenerator<StreamEvent>): Promise<StreamEvent> {
  let last: StreamEvent | undefined;
  for await (last of events);
  if (last === undefined) throw new Error('the stream has no event');
  return last;
}

const fetchReport = (id: string) =>
  fetch(new URL(`/v1/batches/${id}/report.ndjson`, stack.api.url), {
    headers: { Authorization: 'Bearer key-of-the-owner-acme' },
  });
