import { randomBytes } from 'node:crypto';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { bytesByUse } from '@pixdock/shared/state/folder-staging/staged-bytes';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFault, clearFaults, expectOwned } from '../harness/bucket.js';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { type Stack, startApiOnly } from '../harness/stack.js';

const OUTAGE = { operation: 'PutObject', action: { type: 'error', status: 500, code: 'InternalError' } };
const BUDGET = 4 * 1024 ** 2;

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly({
    STAGING_MAX_BYTES: '4MiB',
    MAX_UPLOAD_BYTES: '256KiB',
  });
});
afterAll(() => stack.stop());

/** An incompressible picture of about 190 KB. */
function noise(): Promise<Buffer> {
  const [width, height, channels] = [250, 250, 3] as const;
  const pixels = randomBytes(width * height * channels);
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
}

const renders = ({ timeline }: { timeline: { stage: string }[] }) =>
  timeline.filter(({ stage }) => stage === 'normalizing').length;

/** Uploads more than half of the quota while OSS fails, and waits until all images are held. */
async function holdMany() {
  const pictures = await Promise.all(Array.from({ length: 16 }, noise));
  const ids: string[] = [];
  for (const picture of pictures) ids.push((await upload(stack, picture)).body.id);
  await addFault(stack, OUTAGE);
  await stack.restartWorker();
  const held = await until('all to be held', 60, async () => {
    const images = await Promise.all(ids.map(async (id) => (await ask(stack, `/v1/images/${id}`)).body));
    return images.every(({ status, attempts }) => status === 'queued' && attempts > 0) ? images : null;
  });
  const rendered = held.filter((image) => renders(image) > 0).map(({ id }) => id);
  return { ids, rendered, waiting: ids.filter((id) => !rendered.includes(id)) };
}

async function expectPublishedOnce(ids: readonly string[]): Promise<void> {
  await clearFaults(stack);
  const images = await Promise.all(ids.map((id) => untilFinal(stack, id, 150)));
  expect(images.map((image) => [image.status, renders(image)])).toEqual(ids.map(() => ['published', 1]));
  await expectOwned(stack);
}

test('keeps rendered images within the quota while OSS fails, and renders each once', async () => {
  const { ids, rendered } = await holdMany();
  // Images in progress when the first put failed: four for the one lane.
  expect(rendered.length).toBeLessThanOrEqual(5);
  const { uploads, batches, images } = await bytesByUse(stagingLayout(stack.dataDir));
  expect(uploads + batches + images).toBeLessThan(BUDGET);
  await expectPublishedOnce(ids);
});

test('renders images and reports their faults below half of the quota, whatever OSS does', async () => {
  await addFault(stack, OUTAGE);
  const first = (await upload(stack, await noise())).body.id;
  await until('trouble', 30, async () =>
    (await ask<{ storage: string }>(stack, '/readyz')).body.storage === 'degraded' ? true : null,
  );
  const broken = (await upload(stack, (await noise()).subarray(0, 100_000))).body.id;
  expect((await untilFinal(stack, broken, 20)).error?.code).toBe('image_truncated');
  await clearFaults(stack);
  expect((await untilFinal(stack, first, 90)).status).toBe('published');
});

test('publishes images that wait unrendered once OSS works again', async () => {
  await stack.worker.stop();
  const { rendered, waiting } = await holdMany();
  for (const id of rendered) await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
  await expectPublishedOnce(waiting);
});
