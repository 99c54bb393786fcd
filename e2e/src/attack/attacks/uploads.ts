import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import sharp from 'sharp';
import { encodeHeic, findOrInstallHeif, heicDecoders } from '../../harness/heif-enc.js';
import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import {
  deleteAll,
  deleteListed,
  flat,
  IMAGES,
  idsIn,
  isTrueInTime,
  JPEG,
  JPEG_HEAD,
  jpegOf,
  KIB,
  MIB,
  NDJSON,
  pathOf,
  rowsOf,
  submitBatch,
} from './support.js';

export const uploadFlood: Attack = {
  name: 'upload-flood',
  about: "D10: 10,000 single uploads as fast as the API accepts them; bob's image must not wait for them",
  maxMs: 30_000,
  watchMs: 4000,
  async run(alice, size) {
    const request = post(IMAGES, JPEG, await jpegOf(1500, 1500));
    await alice.flood({ connections: 32, total: 10_000 * size, request: () => request });
  },
};

export const idempotencyKeys: Attack = {
  name: 'idempotency-keys',
  about: 'uploads under thousands of Idempotency-Keys, and one key used by all at once',
  async run(alice, size) {
    const body = await jpegOf(16, 16);
    const key = (n: number) => (n % 2 === 0 ? `key-${n}-${'k'.repeat(200)}` : 'the-same-key');
    await alice.flood({
      connections: 32,
      total: 1000 * size,
      request: (n) => post(IMAGES, JPEG, body, { 'Idempotency-Key': key(n) }),
    });
  },
};

export const deleteFlood: Attack = {
  name: 'delete-flood',
  about: 'DELETE and retry of the same few images at full speed',
  isDeleted: true,
  async run(alice, size) {
    const request = post(IMAGES, JPEG, Buffer.from(JPEG_HEAD, 'latin1'));
    const ids = idsIn(
      await alice.flood({ connections: 4, total: 20, keepsBody: true, request: () => request }),
    );
    const requests = ids.flatMap((id, n) =>
      n % 2 === 0
        ? [get(pathOf(id), {}, 'DELETE')]
        : [post(`${pathOf(id)}/retry`, 'application/json', '{}'), get(pathOf(id))],
    );
    if (requests.length === 0) return;
    await alice.flood({
      connections: 32,
      total: 2000 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
    await deleteAll(alice, ids);
  },
};

/** Of alice. */
const REDIS_BYTES = 2 * MIB;
/** Beside the bytes that are counted. */
const SLACK = 1.2;
/** Returns the bytes of all records, indexes and stored responses of alice. */
const MEASURE = `local bytes = 0
  for _, key in ipairs(redis.call('KEYS', '{pixdock}:image:*')) do
    if string.find(redis.call('HGET', key, 'doc') or '', 'alice', 1, true) then
      bytes = bytes + redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0')
    end
  end
  for _, pattern in ipairs({ '{pixdock}:images:alice*', '{pixdock}:idempotency:alice:*' }) do
    for _, key in ipairs(redis.call('KEYS', pattern)) do
      bytes = bytes + redis.call('MEMORY', 'USAGE', key, 'SAMPLES', '0')
    end
  end
  return bytes`;

export const largeRecords: Attack = {
  name: 'large-records',
  about:
    'rows, and images under Idempotency-Keys, with the largest permitted metadata, until Redis holds as many bytes of alice as it may',
  limits: { redisBytes: REDIS_BYTES },
  async run(alice, size) {
    const body = await jpegOf(16, 16);
    const note = 'n'.repeat(4000);
    const query = (n: number) => `externalId=${String(n).padStart(256, 'x')}&metadata.note=${note}`;
    await alice.flood({
      connections: 8,
      total: 20 * size,
      request: (n) => post(`${IMAGES}?${query(n)}`, JPEG, body, { 'Idempotency-Key': `key-${n}` }),
    });
    const rows = rowsOf(alice.sources[0] ?? '', '/image/photo', 100, `,"metadata":{"note":"${note}"}`);
    for (let n = 0; n < size && !alice.signal.aborted; n++) await submitBatch(alice, NDJSON, rows);
    await alice.wait(5000);
  },
  async check({ stack }) {
    const bytes = Number(stack.redis.cli('EVAL', MEASURE, '0'));
    return bytes > SLACK * REDIS_BYTES ? [`records and responses take ${bytes} bytes of Redis`] : [];
  },
};

/** Of a finished upload. */
const MAX_FINISHED_BYTES = 400;

export const finishedUploads: Attack = {
  name: 'finished-uploads',
  about: 'small images in resumable uploads with 13 KB of metadata each, which are finished and then deleted',
  isDeleted: true,
  async run(alice, size) {
    const body = await jpegOf(16, 16);
    const headers = {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(body.length),
      'Upload-Metadata': `note ${Buffer.alloc(10_000).toString('base64')}`,
    };
    const request = post('/v1/uploads', 'application/offset+octet-stream', body, headers);
    await alice.flood({ connections: 4, total: 10 * size, request: () => request });
  },
  async check({ stack }) {
    const sizes = () => sizesOfUploads(stack.dataDir);
    if ((await sizes()).length === 0) return ['no upload was finished'];
    const areSmall = async () => (await sizes()).every((bytes) => bytes <= MAX_FINISHED_BYTES);
    // The API may still finish the last one.
    if (!(await isTrueInTime(areSmall))) return [`finished uploads take ${(await sizes()).join()} bytes`];
    await deleteListed(stack, `${IMAGES}?limit=100`);
    const areGone = async () => (await sizes()).length === 0;
    return (await isTrueInTime(areGone))
      ? []
      : ['finished uploads are left after the DELETE of their images'];
  },
};

/** The sizes of all files and folders of resumable uploads. */
async function sizesOfUploads(dataDir: string): Promise<number[]> {
  const entries = await readdir(stagingLayout(dataDir).uploads, { recursive: true, withFileTypes: true });
  const named = entries.filter(({ parentPath, name }) => `${parentPath}/${name}`.includes('upl_'));
  const sizeOf = (path: string) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    );
  return Promise.all(named.map(({ parentPath, name }) => sizeOf(join(parentPath, name))));
}

export const slowDecodes: Attack = {
  name: 'slow-decodes',
  about: 'images of 49 megapixels that keep every lane of the worker busy',
  watchMs: 12_000,
  maxMs: 30_000,
  async run(alice, size) {
    const picture = await flat(7000, 7000).png({ progressive: true, compressionLevel: 1 }).toBuffer();
    const request = post(IMAGES, 'image/png', picture);
    await alice.flood({ connections: 8, total: 20 * size, request: () => request });
  },
};

const ANIMATIONS = 12;

export const slowSingles: Attack = {
  name: 'slow-singles',
  about: '12 animations of 1 MB that take some seconds each, again and again',
  maxMs: 60_000,
  async run(alice, size) {
    const request = post(IMAGES, 'image/gif', await animation(800, 600, 80), { Prefer: 'wait=60' });
    await alice.flood({ connections: ANIMATIONS, total: ANIMATIONS * size, request: () => request });
  },
};

/** Rings that move outwards: small as a GIF, and slow to encode as WebP. */
function animation(width: number, height: number, frames: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * frames);
  for (let i = 0; i < pixels.length; i++) {
    const [frame, place] = [Math.floor(i / (width * height)), i % (width * height)];
    const [x, y] = [place % width, Math.floor(place / width)];
    pixels[i] = (((x * x + y * y) >> 13) + frame * 9) & 0xf0;
  }
  const raw = { width, height: height * frames, channels: 1, pageHeight: height } as const;
  return sharp(pixels, { raw }).gif({ effort: 1, colours: 16, dither: 0 }).toBuffer();
}

const TEXTS = 200;
const TEXT_BYTES = 19 * MIB;
/** An image without the texts takes 0.2 s. */
const LONGEST_MS = 2000;

export const pngTexts: Attack = {
  name: 'png-texts',
  about: 'PNGs of 4 MB with 200 texts that inflate to 19 MiB each, one after another',
  maxMs: 60_000,
  async run(alice, size) {
    const chunk = pngChunk(
      'zTXt',
      Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(TEXT_BYTES))]),
    );
    const plain = await flat(64, 48).png().toBuffer();
    const picture = Buffer.concat([
      plain.subarray(0, 33),
      ...Array<Buffer>(TEXTS).fill(chunk),
      plain.subarray(33),
    ]);
    const request = post(IMAGES, 'image/png', picture, { Prefer: 'wait=60' });
    let longestMs = 0;
    for (let n = 0; n < size && !alice.signal.aborted; n++) {
      const since = performance.now();
      await alice.send(request);
      longestMs = Math.max(longestMs, performance.now() - since);
    }
    if (longestMs > LONGEST_MS) alice.finding(`an image took ${longestMs.toFixed(0)} ms`);
  },
};

export const heicFlood: Attack = {
  name: 'heic-flood',
  about:
    'HEICs of 12 megapixels, truncated ones and some that only look like one, as fast as the API accepts them',
  env: { HEIC_DECODER: heicDecoders().at(-1) ?? '' },
  watchMs: 12_000,
  maxMs: 40_000,
  async run(alice, size) {
    await findOrInstallHeif((line) => process.stderr.write(`${line}\n`));
    const large = await encodeHeic([await jpegOf(4000, 3000)]);
    const bodies = [
      large,
      large.subarray(0, large.length / 2),
      Buffer.concat([large.subarray(0, 64), randomBytes(64 * KIB)]),
    ];
    const requests = bodies.map((body) => post(IMAGES, 'image/heic', body));
    await alice.flood({
      connections: 8,
      total: 30 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
    await alice.wait(5000);
  },
};

function pngChunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, 'latin1');
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(data, crc32(type)));
  return Buffer.concat([head, data, checksum]);
}

export const formParts: Attack = {
  name: 'form-parts',
  about: 'forms of 10,000 parts, of parts with long headers, and of one part that is all boundary',
  async run(alice, size) {
    const part = (n: number) => `--b\r\nContent-Disposition: form-data; name="f${n}"\r\n\r\nx\r\n`;
    const bodies = [
      `${Array.from({ length: 10_000 }, (_, n) => part(n)).join('')}--b--\r\n`,
      `--b\r\nContent-Disposition: form-data; name="${'x'.repeat(500 * KIB)}"\r\n\r\nx\r\n--b--\r\n`,
      `--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n${'\r\n--'.repeat(120 * KIB)}`,
    ];
    const requests = [IMAGES, '/v1/batches'].flatMap((path) =>
      bodies.map((body) => post(path, 'multipart/form-data; boundary=b', body)),
    );
    await alice.flood({
      connections: 8,
      total: 30 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
  },
};
