/* When staging is almost full, the sweep deletes sources kept for a retry, oldest first, and nothing else. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jpegLike } from '../api/support.js';
import { zipOf } from '../batch/zip.js';
import { addFault, clearFaults } from '../harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { sweepEvery } from '../harness/sweep.js';

const SAID = 'removed sources and files that were kept for a retry';

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly({ STAGING_MAX_BYTES: '2MiB', MAX_UPLOAD_BYTES: '512KiB' });
});
afterAll(() => stack.stop());

test('deletes sources of failed images and files of finished batches above three quarters of the quota', async () => {
  const layout = stagingLayout(stack.dataDir);
  const picture = await photo();
  await stack.restartWorker();
  const zip = await ask(stack, '/v1/batches', {
    method: 'POST',
    headers: { 'Content-Type': 'application/zip' },
    body: zipOf({ 'broken.jpg': Buffer.concat([jpegLike(1000), randomBytes(400_000)]) }),
  });
  const batch = zip.body.id;
  await until('the batch to end', 20, async () =>
    (await ask(stack, `/v1/batches/${batch}`)).body.finishedAt === null ? null : true,
  );
  const [oldest, older, newest] = [
    await uploadAndWait(stack, jpegLike(500_000)),
    await uploadAndWait(stack, jpegLike(300_000)),
    await uploadAndWait(stack, jpegLike(280_000)),
  ];
  await addFault(stack, {
    operation: 'PutObject',
    action: { type: 'error', status: 503, code: 'ServiceUnavailable' },
  });
  await stack.worker.stop();
  const waiting = (await upload(stack, Buffer.concat([picture, Buffer.alloc(520_000 - picture.length)])))
    .body;
  await age(layout.root);
  await sweepEvery(stack, 100);
  await stack.restartWorker();
  const line = await until('the sweep', 20, async () => {
    const lines = stack.worker.output().split('\n');
    return lines.find((text) => text.includes(SAID)) ?? null;
  });
  expect(JSON.parse(line)).toMatchObject({ images: 1, batches: 1 });
  const gone = [batchFiles(layout.batch(batch)).materials, layout.image(oldest.id)];
  expect(gone.filter((path) => existsSync(path))).toEqual([]);
  const kept = [older, newest, waiting].map(({ id }) => layout.source(id));
  expect(kept.filter((path) => !existsSync(path))).toEqual([]);

  const lost = await ask(stack, `/v1/images/${oldest.id}/retry`, { method: 'POST' });
  expect([lost.status, lost.body.code]).toEqual([409, 'source_lost']);
  expect((await ask(stack, `/v1/images/${older.id}/retry`, { method: 'POST' })).status).toBe(202);
  await clearFaults(stack);
  expect((await untilFinal(stack, waiting.id)).status).toBe('published');
  expect(stack.worker.output().split(SAID)).toHaveLength(2);
});

/** Makes files two days old. */
async function age(folder: string): Promise<void> {
  const then = new Date(Date.now() - 2 * 24 * 3600_000);
  for (const name of await readdir(folder, { recursive: true })) await utimes(join(folder, name), then, then);
}
