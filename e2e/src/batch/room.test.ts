import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { TWO_LANES } from '../harness/stack.js';
import { type Body, readBatch, send, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';
import { zipOf } from './zip.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack({
    STAGING_MAX_BYTES: '2MiB',
    MAX_UPLOAD_BYTES: '256KiB',
    ...TWO_LANES,
  });
});
afterAll(() => stack.stop());

/** An incompressible picture of about 118 KB. */
function noise(): Promise<Buffer> {
  const [width, height, channels] = [198, 198, 3] as const;
  const pixels = randomBytes(width * height * channels);
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
}

async function zip(count: number, others: Record<string, Buffer> = {}): Promise<Body> {
  const images = await Promise.all(Array.from({ length: count }, noise));
  return zipOf({ ...others, ...Object.fromEntries(images.map((bytes, i) => [`${i}.png`, bytes])) });
}

async function form(count: number): Promise<Body> {
  const body = new FormData();
  for (let i = 0; i < count; i++) body.append('file', new Blob([new Uint8Array(await noise())]), `${i}.png`);
  return body;
}

/** Sends a batch as soon as there is space for it. */
async function sendWhole(body: Body) {
  const type = 'application/zip';
  return until('room for the batch', 20, async () => {
    const { status, body: batch } = await send(stack, body, { type });
    return status === 202 ? batch : null;
  });
}

const importUrl = () =>
  ask(stack, '/v1/images', {
    method: 'POST',
    body: JSON.stringify({ url: `${stack.source.url}/image/a/${Math.random()}` }),
    headers: { 'Content-Type': 'application/json', Prefer: 'wait=40' },
  });

test.each([
  ['files that take more than half of staging', () => form(11)],
  ['an archive that takes more than half', () => zip(11)],
  ['an archive that takes nearly all', () => zip(16)],
])('fetches all of %s, and imports by URL too', async (_, make) => {
  const { id, total } = await sendWhole(await make());
  expect((await importUrl()).body.status).toBe('published');
  expect((await untilFinished(stack, id)).counts.published).toBe(total);
});

test('does so while a finished batch keeps almost all space for a retry, and warns operators once', async () => {
  const { id } = await sendWhole(await zip(15, { 'broken.png': (await noise()).subarray(0, 98_000) }));
  expect((await untilFinished(stack, id)).counts).toMatchObject({ published: 15, failed: 1 });
  const responses = await Promise.all(Array.from({ length: 12 }, importUrl));
  expect(responses.map(({ body }) => body.status)).toEqual(responses.map(() => 'published'));
  expect(stack.worker.output().match(/staging has no room for more/g)).toHaveLength(1);
  expect((await readBatch(stack, id)).body.status).toBe('finished');
});
