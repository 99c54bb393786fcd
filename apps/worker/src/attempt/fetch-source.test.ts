import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { testBatch } from '@pixdock/shared/testing/batch';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { CONTEXT, JPEG, openWorkerParts } from '../testing/worker-parts.js';
import { fetchSource } from './fetch-source.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** An item whose source is a file of its batch's form. */
async function itemWithFile(bytes = JPEG) {
  const parts = await openWorkerParts(redis);
  const record = testRecord({ batchId: testBatch().id });
  const path = batchFiles(parts.staging.layout.batch(record.batchId ?? '')).upload('0');
  await makeFolder(dirname(path));
  await writeFile(path, bytes);
  const received = { bytes: JPEG.length, sha256: sha256(JPEG) };
  return { parts, record, path, origin: { kind: 'file', name: '0', received } as const };
}

/** An item that an earlier item of its batch shares its source with. */
async function itemWithShared(bytes = JPEG) {
  const { parts, record } = await itemWithFile();
  await writeFile(batchFiles(parts.staging.layout.batch(record.batchId ?? '')).shared(0), bytes);
  return { parts, record, origin: { kind: 'shared', place: 0 } as const };
}

it('links a file of the batch as the source', async () => {
  const { parts, record, path, origin } = await itemWithFile();
  const fetched = await fetchSource(parts, record, origin, CONTEXT.signal);
  const { bytes, sha256: digest } = origin.received;
  expect(fetched).toMatchObject({
    outcome: 'fetched',
    source: { bytes, sha256: digest, mediaType: 'image/jpeg' },
  });
  const source = parts.staging.layout.source(record.id);
  expect(await readFile(source)).toEqual(JPEG);
  expect((await stat(source)).ino).toBe((await stat(path)).ino);
});

it.each([
  ['is gone', 'missing'],
  ['has changed', '0'],
])('reports source_lost for a file that %s', async (_, name) => {
  const { parts, record, path, origin } = await itemWithFile();
  await writeFile(path, Buffer.alloc(JPEG.length));
  const fetching = fetchSource(parts, record, { ...origin, name }, CONTEXT.signal);
  await expect(fetching).rejects.toMatchObject({ code: 'source_lost' });
});

it('reports a source larger than the profile permits, in the words of the profile', async () => {
  const large = Buffer.concat([JPEG, Buffer.alloc(1024 * 1024)]);
  const { parts, record, origin } = await itemWithShared(large);
  const config = { ...parts.config, maxUploadBytes: 20 * 1024 * 1024 };
  const avatar = { ...record, profile: 'avatar' };
  const fetching = fetchSource({ ...parts, config }, avatar, origin, CONTEXT.signal);
  await expect(fetching).rejects.toMatchObject({
    code: 'source_too_large',
    message: `source_too_large: Profile avatar accepts up to 1 MiB; this file has ${large.length.toLocaleString('en')} bytes.`,
  });
  expect(await readdir(parts.staging.layout.image(record.id))).toEqual([]);
});

it('reports source_too_large, not payload_too_large, since the request is over', async () => {
  const { parts, record, origin } = await itemWithShared();
  const config = { ...parts.config, maxUploadBytes: JPEG.length - 1 };
  const fetching = fetchSource({ ...parts, config }, record, origin, CONTEXT.signal);
  await expect(fetching).rejects.toMatchObject({ code: 'source_too_large' });
});

it('reports a source that differs from the digest in the row', async () => {
  const { parts, record, origin } = await itemWithShared();
  record.internal.expectedSha256 = 'ab'.repeat(32);
  const fetching = fetchSource(parts, record, origin, CONTEXT.signal);
  await expect(fetching).rejects.toMatchObject({ code: 'digest_mismatch' });
  expect(existsSync(parts.staging.layout.source(record.id))).toBe(false);
});

it('stops when the worker stops, and leaves nothing behind', async () => {
  const { parts, record, origin } = await itemWithShared();
  const stopped = AbortSignal.abort(new Error('stopping'));
  await expect(fetchSource(parts, record, origin, stopped)).rejects.toThrow('stopping');
  expect(await readdir(parts.staging.layout.image(record.id))).toEqual([]);
});

it('makes no folder for a URL whose source has not changed', async () => {
  const { parts, record } = await itemWithFile();
  const unchanged = { outcome: 'unchanged', filename: null } as const;
  const sources = { ...parts.sources, fetch: async () => unchanged };
  const origin = { kind: 'url', url: 'https://images.example/a.jpg', headers: {} } as const;
  expect(await fetchSource({ ...parts, sources }, record, origin, CONTEXT.signal)).toEqual(unchanged);
  expect(existsSync(parts.staging.layout.image(record.id))).toBe(false);
});
