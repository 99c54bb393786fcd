import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemsOf, pages, rows, submit, untilFinished } from '../batch/requests.js';
import { type BatchStack, startBatchStack } from '../batch/stack.js';
import { listKeys } from '../harness/bucket.js';
import { ask, OTHER, until, untilFinal, untilServed, upload, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { linesOf } from '../harness/pixdock.js';
import { type Internals, openInternals, reconcile, runOps, spawnOps } from './support.js';

let stack: BatchStack;
let internals: Internals;
beforeAll(async () => {
  stack = await startBatchStack({ ALIYUN_OSS_PREFIX: 'team-a/' });
  internals = await openInternals(stack);
});
afterAll(async () => {
  await internals.stop();
  await stack.stop();
});

async function loseAllButTheBucket(): Promise<void> {
  await stack.worker.stop();
  await stack.api.stop();
  stack.redis.cli('FLUSHALL');
  await rm(join(stack.dataDir, 'staging'), { recursive: true });
}

test('skips existing and staged images, and continues after an interruption', async () => {
  const bytes = await photo(400, 300);
  const images = await Promise.all(Array.from({ length: 3 }, () => uploadAndWait(stack, bytes)));
  const [kept, stagedOne, lost] = images.map(({ id }) => id) as [string, string, string];
  await stack.worker.stop();
  await stack.api.stop();
  const document = await internals.records.get(kept);
  for (const id of [stagedOne, lost]) {
    const record = await internals.records.get(id);
    if (record !== null) await internals.records.forget(record);
  }
  await internals.staging.forget(lost);
  const { err } = await runOps(stack, ['recover']);
  expect(err).toContain('1 images recovered, 1 already have a record, 1 will be restored from staging');
  expect(await internals.records.get(kept)).toEqual(document);
  expect(await internals.records.get(stagedOne)).toBeNull();
  await stack.restartApi();
  await stack.restartWorker();
  for (const { id, receipt } of images)
    expect((await untilFinal(stack, id)).receipt).toEqual(id === lost ? null : receipt);
  // A list has what Redis has: the next test begins once the restore has reached the staged one.
  await until('the staged image to be listed', 60, async () =>
    (await pages(stack, '/v1/images?status=published')).length === images.length ? true : null,
  );
});

test('recovers id, owner, externalId, batch, row and URL of every published image from the bucket alone', async () => {
  const bytes = await photo();
  const mine = await uploadAndWait(stack, bytes, { fields: { externalId: '商品 “1”/é' } });
  const { body } = await upload(stack, await photo(300, 200), {
    headers: OTHER,
    fields: { externalId: 'theirs' },
  });
  await until202Final(body.id);
  const failed = await uploadAndWait(stack, bytes.subarray(0, 2000));
  const batch = await submit(stack, rows(stack.source.url, 5));
  await untilFinished(stack, batch.id);
  const before = [mine, ...(await itemsOf(stack, batch.id))];
  const published = await pages(stack, '/v1/images?status=published');
  const ids = [...published.map(({ id }) => id), body.id].toSorted();
  for (const key of ['team-a/notes.txt', 'elsewhere/main.jpg', `team-a/00/${'0'.repeat(32)}/main.jpg`])
    await internals.put(key);
  // A copy under the key of another id is not an image of that id.
  const headers = await internals.headers(mine.variants.main?.key ?? '');
  const meta = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-oss-meta-')));
  await internals.put(`team-a/11/${'1'.repeat(32)}/main.jpg`, 'copy', meta);

  await loseAllButTheBucket();
  const refused = await runOps(stack, ['recover']);
  expect(refused).toMatchObject({ exit: 2, err: expect.stringContaining('DATA_DIR') });
  await stack.restartApi();
  await stack.restartWorker();

  const dry = await runOps(stack, ['recover', '--dry-run', '--ndjson']);
  expect(linesOf(dry.out)).toHaveLength(ids.length);
  expect(dry.err).toContain(`${ids.length} images can be recovered`);
  expect((await ask<{ items: Image[] }>(stack, '/v1/images')).body.items).toEqual([]);

  const keys = await listKeys(stack);
  const { exit, out, err } = await spawnOps(stack, ['recover', '--ndjson', '--rate', '50']);
  expect(exit).toBe(0);
  expect(err).toContain(`${ids.length} images recovered, 0 already have a record`);
  const lines: Pick<Image, 'id' | 'owner' | 'url'>[] = linesOf(out).map((line) => JSON.parse(line));
  expect(lines.map(({ id }) => id).toSorted()).toEqual(ids);
  expect(await listKeys(stack)).toEqual(keys);

  for (const image of before) {
    const { id, owner, externalId, batchId, row, url, variants, profile, run, createdAt } = image;
    const now = await ask(stack, `/v1/images/${id}`);
    expect(now).toMatchObject({
      status: 200,
      body: {
        status: 'published',
        id,
        owner,
        externalId,
        batchId,
        row,
        url,
        variants,
        profile,
        run,
        createdAt,
      },
    });
    expect(now.body.version).toBeGreaterThan(image.version);
    expect(Date.parse(now.body.expiresAt ?? '')).toBeGreaterThan(Date.now() + 29 * 24 * 3600_000);
  }
  const listed = await ask<{ items: Image[] }>(
    stack,
    `/v1/images?externalId=${encodeURIComponent('商品 “1”/é')}`,
  );
  expect(listed.body.items.map(({ id }) => id)).toEqual([mine.id]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const lookup = await ask<{ items: Image[] }>(stack, '/v1/images/lookup', {
    method: 'POST',
    body: JSON.stringify({ sha256: [sha256] }),
    headers: { 'Content-Type': 'application/json' },
  });
  expect(lookup.body.items.map(({ id }) => id)).toEqual([mine.id]);
  const ofBatch = await ask<{ items: Image[] }>(stack, `/v1/images?batchId=${batch.id}`);
  expect(ofBatch.body.items.map(({ row }) => row ?? 0).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  const statusOf = async (id: string) => (await untilServed(() => ask(stack, `/v1/images/${id}`))).status;
  expect(await statusOf(body.id)).toBe(404);
  expect((await ask(stack, `/v1/images/${body.id}`, { headers: OTHER })).body).toMatchObject({
    owner: 'other',
    externalId: 'theirs',
  });
  expect(await statusOf(failed.id)).toBe(404);
  expect(await reconcile(stack, '--fix')).toMatchObject({ exit: 0, found: [] });

  await ask(stack, `/v1/images/${mine.id}`, { method: 'DELETE' });
  const again = await runOps(stack, ['recover', '--ndjson']);
  expect(again).toMatchObject({ exit: 0, out: '', err: expect.stringContaining('0 images recovered') });
});

async function until202Final(id: string): Promise<void> {
  const { body } = await ask(stack, `/v1/images/${id}`, { headers: { ...OTHER, Prefer: 'wait=20' } });
  expect(body.status).toBe('published');
}
