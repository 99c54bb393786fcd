import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accepted, itemsOf, ndjson, send, untilFinished } from '../batch/requests.js';
import { zipOf } from '../batch/zip.js';
import { addFault, clearFaults, readFaults } from '../harness/bucket.js';
import { ask, request, until, untilFinal, upload } from '../harness/client.js';
import { openStackStaging, staged } from '../harness/leftovers.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack, TWO_LANES } from '../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';

// API and worker have a disk each, as on two hosts. The tests run in order on one stack.
let stack: Stack;
let oss: TcpProxy;
const picture = await photo(400, 300);
beforeAll(async () => {
  const [api, worker] = await Promise.all([startTcpProxy(), startTcpProxy()]);
  oss = await startTcpProxy();
  stack = await startStack(TWO_LANES, { stagesInBucket: true, between: { api, worker, oss } });
});
afterAll(() => stack.stop());

/** Removes the disk of a host whose service has ended. */
async function loseDisk(service: 'api' | 'worker'): Promise<void> {
  const disk = join(stack.dataDir, service, 'staging');
  await rm(disk, { recursive: true });
  await mkdir(disk);
}
const untilEmpty = () =>
  until('staging to be empty', 20, async () => ((await staged(stack)).length === 0 ? true : null));
const submitPictures = async (count: number) => {
  const responses = await Promise.all(Array.from({ length: count }, () => upload(stack, picture)));
  expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 202));
  return responses.map(({ body }) => body.id);
};
async function expectPublished(ids: readonly string[]): Promise<void> {
  for (const id of ids) expect((await untilFinal(stack, id)).status).toBe('published');
  await untilEmpty();
}

test('publishes images, the files of a form and of an archive, and a resumable upload', async () => {
  const [single = ''] = await submitPictures(1);
  const form = new FormData();
  form.append('file', new Blob([picture], { type: 'image/jpeg' }), 'a.jpg');
  form.append('file', new Blob([Buffer.from('text')]), 'b.jpg');
  const ofForm = accepted(await send(stack, form));
  const ofArchive = accepted(await send(stack, zipOf({ 'c.jpg': picture }), { type: 'application/zip' }));
  const tus = { 'Tus-Resumable': '1.0.0' };
  const created = await request(stack, '/v1/uploads', {
    method: 'POST',
    headers: { ...tus, 'Upload-Length': String(picture.length) },
  });
  const address = created.headers.get('location') ?? '';
  for (const [from, to] of [
    [0, 100],
    [100, picture.length],
  ] as const) {
    const headers = {
      ...tus,
      'Upload-Offset': String(from),
      'Content-Type': 'application/offset+octet-stream',
    };
    const response = await request(stack, address, {
      method: 'PATCH',
      headers,
      body: picture.subarray(from, to),
    });
    expect([response.status, response.headers.get('upload-offset')]).toEqual([204, String(to)]);
  }
  for (const { id } of [ofForm, ofArchive]) await untilFinished(stack, id);
  expect((await itemsOf(stack, ofForm.id)).map(({ status }) => status)).toEqual(['published', 'failed']);
  expect((await itemsOf(stack, ofArchive.id)).map(({ status }) => status)).toEqual(['published']);
  const { body } = await ask<{ items: { id: string; status: string }[] }>(stack, '/v1/images?limit=10');
  await untilFinal(stack, single);
  expect(body.items).toHaveLength(5);
  await untilEmpty();
  for (const service of ['api', 'worker'])
    expect(await readdir(join(stack.dataDir, service, 'staging', 'incoming'))).toEqual([]);
});

test('sends at most eleven requests to OSS for an image', async () => {
  const most = { PutObject: 4, GetObject: 2, DeleteObject: 1, ListObjectsV2: 4 };
  for (const operation of Object.keys(most))
    await addFault(stack, { operation, action: { type: 'delay', ms: 1 } });
  await expectPublished(await submitPictures(20));
  const fired = (await readFaults(stack)).map((rule) => rule.fired / 20);
  await clearFaults(stack);
  // Both services ask once a second whether the bucket responds, and this test looks into it.
  for (const [i, count] of Object.values(most).entries()) expect(fired[i]).toBeLessThanOrEqual(count + 1);
});

test('loses nothing with the disks of all hosts and everything in Redis', async () => {
  const before = await ask<{ items: { id: string; status: string }[] }>(stack, '/v1/images?limit=100');
  await stack.worker.stop();
  const ids = await submitPictures(3);
  const rows = [{ url: 'http://127.0.0.1:9/never.jpg', externalId: 'row-1' }];
  const batch = accepted(await send(stack, ndjson(rows), { query: '?name=spring' }));
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  for (const host of ['api', 'worker'] as const) await loseDisk(host);
  stack.redis.cli('FLUSHALL');
  await Promise.all([stack.restartApi(), stack.restartWorker()]);
  await expectPublished(ids);
  expect(await untilFinished(stack, batch.id)).toMatchObject({ name: 'spring', counts: { failed: 1 } });
  for (const { id, status } of before.body.items)
    expect((await ask(stack, `/v1/images/${id}`)).body.status).toBe(status);
});

test('publishes the images of a worker that is killed and loses its disk', async () => {
  await addFault(stack, { operation: 'PutObject', key: '/main', action: { type: 'delay', ms: 300 } });
  const ids = await submitPictures(6);
  await until('an image to be in progress', 20, async () => {
    const { body } = await ask<{ items: unknown[] }>(stack, '/v1/images?status=processing');
    return body.items.length > 0 ? true : null;
  });
  stack.worker.kill('SIGKILL');
  await stack.worker.exited;
  await loseDisk('worker');
  await stack.restartWorker();
  await expectPublished(ids);
  await clearFaults(stack);
});

test('refuses promptly while the bucket is away, and processes later what it accepted', async () => {
  await addFault(stack, { operation: 'PutObject', key: '/main', action: { type: 'delay', ms: 300 } });
  const ids = await submitPictures(12);
  oss.cut();
  const began = performance.now();
  const refused = await upload(stack, picture);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  expect(refused.body.detail).toContain('STAGING_URL');
  expect(refused.headers.get('retry-after')).not.toBeNull();
  await until('503 of /readyz', 5, async () =>
    (await request(stack, '/readyz')).status === 503 ? true : null,
  );
  // Jobs have begun in vain.
  await sleep(8000);
  oss.heal();
  await expectPublished(ids);
  await clearFaults(stack);
  await expectPublished(await submitPictures(1));
}, 120_000);

test('does not process an image whose put lands after its request was refused', async () => {
  await addFault(stack, {
    operation: 'PutObject',
    key: 'live/',
    count: 3,
    action: { type: 'late', ms: 2000 },
  });
  const headers = { 'Idempotency-Key': 'late' };
  const refused = await upload(stack, picture, { headers });
  expect(refused.status).toBe(503);
  await sleep(4000);
  const staging = await openStackStaging(stack);
  expect(await Array.fromAsync(staging.ids())).not.toContain(refused.body.id);
  expect(await staged(stack)).toEqual([]);
  const repeated = await upload(stack, picture, { headers });
  await expectPublished([repeated.body.id]);
}, 120_000);
