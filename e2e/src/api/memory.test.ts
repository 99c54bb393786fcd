import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BOUNDARY, chunked, filePart, openRaw, type RawResponse, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { jpegLike, memoryMib } from './support.js';

/**
 * Memory that bodies of any size may add to the API: V8 collects the memory of received pieces after 64 MiB, but not at once, and
 * 50 bodies at a time have taken 78 to 96 MiB. Bodies of 200 MB that are held in memory take more.
 */
const LIMIT_MIB = 128;

let stack: Stack;
let idleMib: number;
beforeAll(async () => {
  stack = await startApiOnly(
    { MAX_UPLOAD_BYTES: '300MiB', STAGING_MAX_BYTES: '40GiB' },
    { asInProduction: true },
  );
  // The first uploads load code, which one machine has in memory already and another has not.
  await sendAtOnce(4, 1);
  idleMib = await memoryMib(stack.api.pid, 'VmRSS');
});
afterAll(() => stack.stop());

const PIECE = jpegLike(256 * 1024);

test.each([
  ['raw', 'length'],
  ['raw', 'chunked'],
  ['form', 'length'],
  ['form', 'chunked'],
] as const)('receives 200 MB as %s by %s in constant memory', async (shape, framing) => {
  const response = await send(shape, framing, 800);
  expect(response?.status).toBe(202);
  expect(JSON.parse(response?.body ?? '').source).toMatchObject({
    bytes: 800 * PIECE.length,
    sha256: digestOf(800),
  });
  await staysFlat(`200 MB ${shape} ${framing}`);
});

test('receives 50 concurrent bodies of 4 MB in constant memory', async () => {
  const responses = await sendAtOnce(50, 16);
  expect(responses.map((response) => response?.status)).toEqual(responses.map(() => 202));
  expect(new Set(responses.map((response) => JSON.parse(response?.body ?? '').source.sha256))).toEqual(
    new Set([digestOf(16)]),
  );
  await staysFlat('50 × 4 MB');
});

async function staysFlat(what: string): Promise<void> {
  const peakMib = await memoryMib(stack.api.pid, 'VmHWM');
  const added = `${(peakMib - idleMib).toFixed(1)} MiB above ${idleMib.toFixed(1)} MiB`;
  process.stdout.write(`memory: ${what}: peak ${added}\n`);
  expect(peakMib - idleMib).toBeLessThan(LIMIT_MIB);
}

/** Sends bodies of all four kinds at the same time. */
function sendAtOnce(count: number, pieces: number): Promise<(RawResponse | null)[]> {
  const shapes = ['raw', 'form'] as const;
  const framings = ['length', 'chunked'] as const;
  const sent = Array.from({ length: count }, (_, i) =>
    send(shapes[i % 2] ?? 'raw', framings[(i >> 1) % 2] ?? 'length', pieces),
  );
  return Promise.all(sent);
}

async function send(
  shape: 'raw' | 'form',
  framing: 'length' | 'chunked',
  pieces: number,
): Promise<RawResponse | null> {
  const [before, after] = shape === 'raw' ? [EMPTY, EMPTY] : [filePart(EMPTY).subarray(0, -2), END];
  const length = before.length + pieces * PIECE.length + after.length;
  const connection = await openRaw(stack.api.url);
  const frame = (data: Buffer) => (framing === 'chunked' && data.length > 0 ? chunked(data) : data);
  try {
    await connection.send(
      requestHead('POST', '/v1/images', {
        'Content-Type': shape === 'raw' ? 'image/jpeg' : `multipart/form-data; boundary=${BOUNDARY}`,
        ...(framing === 'length' ? { 'Content-Length': String(length) } : { 'Transfer-Encoding': 'chunked' }),
      }),
      frame(before),
    );
    const framed = frame(PIECE);
    for (let i = 0; i < pieces; i++) await connection.send(framed);
    await connection.send(frame(after), framing === 'chunked' ? '0\r\n\r\n' : '');
    return await connection.response({ seconds: 60 });
  } finally {
    connection.socket.destroy();
  }
}

const EMPTY = Buffer.alloc(0);
const END = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);

function digestOf(pieces: number): string {
  const hash = createHash('sha256');
  for (let i = 0; i < pieces; i++) hash.update(PIECE);
  return hash.digest('hex');
}
