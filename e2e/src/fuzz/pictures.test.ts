import type { Batch } from '@pixdock/contract/batch';
import { ERROR_TABLE } from '@pixdock/contract/error-table';
import type { Image } from '@pixdock/contract/image';
import { FUZZ_TIMEOUT_MS, fuzz } from '@pixdock/shared/testing/fuzz';
import * as fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until, uploadAndWait } from '../harness/client.js';
import { photo, picture } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import { edited, edits } from './edits.js';

const MUTANTS = 50;
const published = new Set<string>();

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const small = () => picture(48, 40);
const frame = (background: string) =>
  sharp({ create: { width: 24, height: 20, channels: 3, background } })
    .png()
    .toBuffer();
const frames = await Promise.all(['red', 'blue'].map(frame));
const moving = () => sharp(frames, { join: { animated: true } });
const SOURCES = await Promise.all([
  small().jpeg().toBuffer(),
  small()
    .jpeg({ progressive: true })
    .withExif({ IFD0: { Copyright: 'x' } })
    .toBuffer(),
  small().png({ progressive: true }).toBuffer(),
  small().png({ palette: true }).toBuffer(),
  small().webp().toBuffer(),
  small().webp({ lossless: true }).withXmp('<x/>').toBuffer(),
  small().gif().toBuffer(),
  moving().gif().toBuffer(),
  moving().webp().toBuffer(),
  small().avif({ effort: 0 }).toBuffer(),
]);
/** These bytes stay unchanged, because no decoder reads on after a wrong signature. */
const SIGNATURE_BYTES = 16;
const mutant = fc
  .tuple(fc.constantFrom(...SOURCES), edits(3, 1))
  .map(([source, changes]) =>
    Buffer.concat([source.subarray(0, SIGNATURE_BYTES), edited(source.subarray(SIGNATURE_BYTES), changes)]),
  );

test(
  'publishes a mutated picture that decodes, or fails it with a code for images',
  async () => {
    const property = fc.asyncProperty(
      fc.array(mutant, { minLength: MUTANTS, maxLength: MUTANTS }),
      async (mutants) => {
        for (const image of await submit(mutants)) await expectEnded(image);
      },
    );
    // Shrinking a failed input would send all mutants again for each step.
    await fuzz(property, 1, { endOnFailure: true });
    const ids = (await listKeys(stack)).map((key) => `img_${key.split('/').at(-2)}`);
    expect(published.size).toBeGreaterThan(0);
    expect(new Set(ids)).toEqual(published);
    expect(await uploadAndWait(stack, await photo())).toMatchObject({ status: 'published' });
  },
  FUZZ_TIMEOUT_MS,
);

async function submit(mutants: readonly Buffer<ArrayBuffer>[]): Promise<Image[]> {
  const form = new FormData();
  for (const [i, bytes] of mutants.entries()) form.append('file', new Blob([bytes]), `${i}.jpg`);
  const { body } = await ask<Batch>(stack, '/v1/batches', { method: 'POST', body: form });
  await until(`batch ${body.id} to be finished`, 90, async () => {
    const batch = await ask<Batch>(stack, `/v1/batches/${body.id}`, { headers: { Prefer: 'wait=5' } });
    return batch.body.status === 'finished' ? batch : null;
  });
  const page = await ask<{ items: Image[] }>(stack, `/v1/batches/${body.id}/items?limit=100`);
  expect(page.body.items).toHaveLength(mutants.length);
  return page.body.items;
}

async function expectEnded({ id, status, error, variants }: Image): Promise<void> {
  if (status === 'failed') {
    expect(Object.keys(ERROR_TABLE)).toContain(error?.code);
    // A retry cannot repair a broken picture.
    expect(error, `${id} failed`).toMatchObject({ retryable: false });
    return;
  }
  expect(status).toBe('published');
  published.add(id);
  for (const { url, width, height } of Object.values(variants)) {
    const bytes = Buffer.from(await (await fetch(url ?? '')).arrayBuffer());
    const { info } = await sharp(bytes, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width, height });
  }
}
