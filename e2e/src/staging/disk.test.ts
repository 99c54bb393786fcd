/* The disk below staging, or below what workers write, is full or read-only. */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '@pixdock/contract/batch';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jpegLike } from '../api/support.js';
import { stagedBatches } from '../batch/expect-whole.js';
import { ndjson, send as submitBatch } from '../batch/requests.js';
import { zipOf } from '../batch/zip.js';
import { type ApiResponse, ask, until, untilFinal, upload } from '../harness/client.js';
import { staged } from '../harness/leftovers.js';
import { photo } from '../harness/pictures.js';
import { canMountDisks, mountSmallDisk, type SmallDisk } from '../harness/small-disk.js';
import { type Stack, startApiOnly } from '../harness/stack.js';

const MIB = 1024 ** 2;

let stack: Stack;
let disk: SmallDisk;

/** Only the API, with a small disk mounted at a folder of DATA_DIR. */
async function startOn(folder: string): Promise<void> {
  stack = await startApiOnly(
    {},
    {
      prepare: (dataDir) => {
        disk = mountSmallDisk(join(dataDir, folder), `size=${8 * MIB},nr_inodes=200`);
      },
    },
  );
}

describe.runIf(canMountDisks())('on a small disk', () => {
  afterEach(async () => {
    await Promise.all([stack.api.stop(), stack.worker.stop()]);
    disk.unmount();
    await stack.stop();
  });

  describe('staging', () => {
    beforeEach(async () => {
      await startOn('staging');
      await staged(stack);
    });

    test.each([
      [
        'full from the first byte on',
        /full of other files \(8\.0 MiB\)/,
        () => disk.fill(),
        () => disk.empty(),
      ],
      ['without inodes', /200 inodes are used/, () => disk.takeInodes(), () => disk.empty()],
      ['read-only', /read-only/, () => disk.setReadOnly(true), () => disk.setReadOnly(false)],
    ])('refuses everything before a 202 while %s, says so, and recovers', async (_, words, begin, end) => {
      // The server may free what it used at its start.
      await until('the disk to be used up', 20, async () => {
        begin();
        return (await readiness())[0] === 503 ? true : null;
      });
      expect(await readiness()).toEqual([503, 'staging_full']);
      expect((await ask(stack, '/readyz')).body.detail).toMatch(words);
      const { body } = await ask(stack, '/readyz', { headers: { 'Accept-Language': 'zh' } });
      expect(body.detail).toMatch(/磁盘/);
      await expectRefused([...small(), ...large()]);
      expect(stack.api.output()).toMatch(new RegExp(`"fix":"[^"]*${words.source}`));
      end();
      expect(await readiness()).toEqual([200, undefined]);
      await expectAccepted([...small(), ...large()]);
    });

    test('says that other files fill the disk, although images that are gone were counted just before', async () => {
      await expectAccepted(Array.from({ length: 5 }, () => () => upload(stack, jpegLike(MIB))));
      expect(await readiness()).toEqual([200, undefined]);
      for (const shard of readdirSync(join(stack.dataDir, 'staging/live')))
        rmSync(join(stack.dataDir, 'staging/live', shard), { recursive: true });
      disk.fill();
      // Where counting takes long, the last count may stand for up to 5 s.
      await until('the cause to be named', 20, async () =>
        /full of other files/.test((await ask(stack, '/readyz')).body.detail ?? '') ? true : null,
      );
    });

    test('refuses a file that no longer fits and keeps nothing of it, and accepts one that fits', async () => {
      disk.fill(MIB / 2);
      await expectRefused(large());
      await expectAccepted(small());
      disk.empty();
      await expectAccepted(large());
    });
  });

  test.each(['scratch', 'staging'])(
    'fails no image while %s of a worker is full, and ends all with space',
    async (folder) => {
      await startOn(folder);
      const bytes = await photo(1600, 1200);
      const responses = await Promise.all(Array.from({ length: 4 }, () => upload(stack, bytes)));
      const ids = responses.map(({ body }) => body.id);
      disk.fill();
      await stack.restartWorker();
      await until('the worker to notice', 20, async () =>
        stack.worker.output().includes('held back by a fault of this machine') ? true : null,
      );
      for (const id of ids)
        expect((await ask(stack, `/v1/images/${id}`)).body).toMatchObject({ error: null });
      disk.empty();
      const images = await Promise.all(ids.map((id) => untilFinal(stack, id)));
      expect(images.map(({ status }) => status)).toEqual(ids.map(() => 'published'));
      await until('staging to be empty', 20, async () => ((await staged(stack)).length === 0 ? true : null));
    },
  );
});

async function readiness() {
  const { status, body } = await ask(stack, '/readyz');
  return [status, body.code];
}

type Submission = () => Promise<ApiResponse<unknown>>;

/** Sends submissions of a few hundred bytes. */
function small(): Submission[] {
  const row = { url: 'http://images.invalid/a.jpg' };
  const json = { 'Content-Type': 'application/json' };
  return [
    () => ask(stack, '/v1/images', { method: 'POST', body: JSON.stringify(row), headers: json }),
    () => submitBatch(stack, ndjson([row])),
  ];
}

/** Sends submissions of more than half a mebibyte. */
function large(): Submission[] {
  const bytes = jpegLike(MIB);
  const files = new FormData();
  files.append('file', new Blob([bytes]), 'a.jpg');
  const zip = zipOf({ 'a.jpg': randomBytes(MIB) });
  return [
    () => upload(stack, bytes),
    () => ask(stack, '/v1/images', { method: 'POST', body: bytes }),
    () => submitBatch(stack, files),
    () => submitBatch(stack, zip, { type: 'application/zip' }),
  ];
}

async function expectRefused(submissions: readonly Submission[]): Promise<void> {
  const before = await everything();
  for (const submit of submissions) {
    const { status, headers, body } = await submit();
    expect([status, (body as { code?: string }).code, headers.get('retry-after')]).toEqual([
      503,
      'staging_full',
      '30',
    ]);
  }
  expect(await everything()).toEqual(before);
}

async function expectAccepted(submissions: readonly Submission[]): Promise<void> {
  for (const submit of submissions) expect((await submit()).status).toBe(202);
}

/** All files of submissions, including refused ones. */
async function everything() {
  const { body: images } = await ask<{ items: unknown[] }>(stack, '/v1/images');
  const { body: batches } = await ask<{ items: Batch[] }>(stack, '/v1/batches');
  return {
    staged: await staged(stack),
    batches: await stagedBatches(stack),
    listed: [images.items.length, batches.items.length],
    free: disk.freeBytes(),
  };
}
