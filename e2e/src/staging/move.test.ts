/* A stopped installation that moves from its folder to a bucket, and back. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accepted, itemsOf, ndjson, send, untilFinished } from '../batch/requests.js';
import { ask, request, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { inBucket, type Stack, startStack } from '../harness/stack.js';
import { runOps } from '../ops/support.js';

let stack: Stack;
const picture = await photo(400, 300);
beforeAll(async () => {
  stack = await startStack({}, { stagesInBucket: false });
});
afterAll(() => stack.stop());

const TUS = { 'Tus-Resumable': '1.0.0' };

async function send100(): Promise<string> {
  const created = await request(stack, '/v1/uploads', {
    method: 'POST',
    headers: { ...TUS, 'Upload-Length': String(picture.length) },
  });
  const address = created.headers.get('location') ?? '';
  await continueUpload(address, 0, 100);
  return address;
}

async function continueUpload(address: string, from: number, to = picture.length): Promise<void> {
  const headers = {
    ...TUS,
    'Upload-Offset': String(from),
    'Content-Type': 'application/offset+octet-stream',
  };
  const body = picture.subarray(from, to);
  expect((await request(stack, address, { method: 'PATCH', headers, body })).status).toBe(204);
}

async function listIds(): Promise<string[]> {
  const { body } = await ask<{ items: { id: string }[] }>(stack, '/v1/images?limit=100');
  return body.items.map(({ id }) => id);
}

/** Stops the services, moves staging, and starts them with these settings. */
async function move(to: 'bucket' | 'folder', settings: Record<string, string>): Promise<void> {
  const env = { ...stack.env, ...inBucket(stack.dataDir) };
  const tooEarly = await runOps({ env }, ['move-staging', '--to', to]);
  expect([tooEarly.exit, tooEarly.err]).toEqual([
    2,
    expect.stringContaining('Services are running: the API'),
  ]);
  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  const { exit, err } = await runOps({ env }, ['move-staging', '--to', to]);
  expect([exit, err]).toEqual([0, expect.stringContaining('Next: ')]);
  if (to === 'bucket') await rename(join(stack.dataDir, 'staging'), join(stack.dataDir, 'staging.before'));
  await Promise.all([stack.restartApi(settings), stack.restartWorker(settings)]);
}

test('has the same images in the bucket and back in the folder, and finishes those that waited', async () => {
  const published = await uploadAndWait(stack, picture);
  for (const [to, settings] of [
    ['bucket', inBucket(stack.dataDir)],
    ['folder', {}],
  ] as const) {
    await stack.worker.stop();
    const waiting = await upload(stack, picture);
    const rows = [{ url: 'http://127.0.0.1:9/never.jpg', externalId: `row-${to}` }];
    const batch = accepted(await send(stack, ndjson(rows), { query: '?name=spring' }));
    const address = await send100();
    const before = await listIds();
    await move(to, settings);
    // Items of the batch are listed as soon as the worker begins.
    expect(await listIds()).toEqual(expect.arrayContaining(before));
    expect((await ask(stack, `/v1/images/${published.id}`)).body.status).toBe('published');
    expect((await untilFinal(stack, waiting.body.id)).status).toBe('published');
    expect(await untilFinished(stack, batch.id)).toMatchObject({ name: 'spring', counts: { failed: 1 } });
    expect(await itemsOf(stack, batch.id)).toMatchObject([{ externalId: `row-${to}` }]);
    await continueUpload(address, 100);
    // Redis is restored from the staging that was moved.
    const all = await listIds();
    stack.redis.cli('FLUSHALL');
    await until('the restore', 20, async () => ((await listIds()).length === all.length ? true : null));
    expect(await listIds()).toEqual(all);
    expect((await ask(stack, `/v1/images/${waiting.body.id}`)).body.status).toBe('published');
  }
});
