import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import {
  deleteAll,
  deleteListed,
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
