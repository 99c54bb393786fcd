import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sleep } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/log.js';
import { changedRecord, testRecord } from '../../testing/record.js';
import { openTestStaging, type TestStaging } from '../../testing/staging.js';
import { stub } from '../../testing/stub.js';
import { watchSyncs } from '../../testing/watch-syncs.js';
import type { ImageRecord } from '../images/image-record.js';

let dir: string;
let staging: TestStaging;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pixdock-staging-'));
  staging = await openTestStaging(dir);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function stage(record: ImageRecord): Promise<void> {
  const arrival = await staging.openArrival(record.id);
  arrival.stream.end('abc');
  await new Promise<void>((resolve) => void arrival.stream.once('close', () => resolve()));
  await arrival.commit({ record, idempotency: { keyHash: 'k', fingerprint: 'f' }, origin: null });
}

/** The entry of an image whose source is `abc`. */
function abcRecord(): ImageRecord {
  const record = testRecord();
  const sha256 = createHash('sha256').update('abc').digest('hex');
  return { ...record, source: { ...record.source, bytes: 3, sha256 } };
}
const failed = (record: ImageRecord) => changedRecord(record, { status: 'failed' });

test('makes the source, its submission and the names of both durable before the commit ends', async () => {
  const record = abcRecord();
  const syncs = await watchSyncs();
  await stage(record);
  const { layout } = staging;
  const image = layout.image(record.id);
  // The image's folder lies in that of its shard, which is new too.
  for (const path of [
    layout.source(record.id),
    layout.submission(record.id),
    image,
    dirname(image),
    layout.live,
  ])
    expect(syncs.includes(path), path).toBe(true);
});

test('logs files that cannot be removed, and does not hide the error that ended the request', async () => {
  const warnings: unknown[] = [];
  const log = stub<Logger>({ warn: (facts: unknown) => void warnings.push(facts) });
  const logged = await openTestStaging(dir, log);
  const { id } = testRecord();
  const refusal = new Error('too large');
  const refused = (async () => {
    await using arrival = await logged.openArrival(id);
    await once(arrival.stream, 'open');
    await rename(logged.layout.incoming, `${logged.layout.incoming}-away`);
    await writeFile(logged.layout.incoming, '');
    throw refusal;
  })();
  await expect(refused).rejects.toBe(refusal);
  expect(warnings).toEqual([{ err: expect.any(Error), id }]);
});

test('retries an item beside a deletion that removes its folder, without an error', async () => {
  const item = { ...abcRecord(), batchId: `bat_${'5f'.repeat(16)}` };
  const results = new Set<boolean>();
  for (let i = 0; i < 500 && results.size < 2; i++) {
    const removed = sleep(i % 5).then(() =>
      rm(staging.layout.image(item.id), { recursive: true, force: true, maxRetries: 5 }),
    );
    results.add(await staging.resubmit(item));
    await removed;
  }
  expect(results).toEqual(new Set([true, false]));
});

test('removes the resumable upload that a deleted image was made of', async () => {
  const record = abcRecord();
  await stage(record);
  const id = record.id.replace('img_', 'upl_');
  const path = staging.layout.finishedUpload(id);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '{}');
  await staging.writeOutcome(failed(record));
  expect(await readdir(dirname(path))).toEqual([basename(path)]);
  await staging.writeOutcome(
    changedRecord(record, { status: 'deleted', deleteRequestedAt: record.createdAt }),
  );
  expect(await readdir(dirname(path))).toEqual([]);
});

test('detects a truncated and a changed source', async () => {
  const record = abcRecord();
  await stage(record);
  for (const content of ['ab', 'abd', 'abcd']) {
    await writeFile(staging.layout.source(record.id), content);
    expect(await staging.isSourceWhole(record)).toBe(false);
  }
});

test('ends and retries an image whose submission is damaged', async () => {
  const record = abcRecord();
  await stage(record);
  await writeFile(staging.layout.submission(record.id), '{');
  await staging.writeOutcome(failed(record));
  expect(await staging.hasSource(record)).toBe(true);
  await staging.resubmit({ ...record, run: 2 });
  expect((await staging.entry(record.id))?.record.run).toBe(2);
});

test('fails the commit on a full disk, and leaves no partial entry', async () => {
  const record = testRecord();
  const arrival = await staging.openArrival(record.id);
  arrival.stream.end('abc');
  await new Promise<void>((resolve) => void arrival.stream.once('close', () => resolve()));
  // A file where the shard's folder must be: the rename cannot succeed.
  await writeFile(join(staging.layout.live, record.id.slice(4, 6)), '');
  await expect(arrival.commit({ record, idempotency: null, origin: null })).rejects.toThrow();
  await arrival[Symbol.asyncDispose]();
  expect(await readdir(staging.layout.incoming)).toEqual([]);
});

test.runIf(process.getuid?.() === 0)(
  'what root writes belongs to the owner of the folder it is in',
  async () => {
    await chown(dir, 1234, 1234);
    const shared = await openTestStaging(join(dir, 'data'));
    const record = testRecord();
    await shared.writeOutcome(changedRecord(record, { status: 'published' }));
    for (const path of [shared.layout.root, shared.layout.outcome(record.id)])
      expect((await stat(path)).uid).toBe(1234);
  },
);

test('returns no entry while the disk cannot tell whether a deletion was requested', async () => {
  const record = abcRecord();
  await stage(record);
  const deletion = staging.layout.deletion(record.id);
  await mkdir(dirname(deletion), { recursive: true });
  await symlink(deletion, deletion);
  await expect(staging.entry(record.id)).rejects.toThrow('ELOOP');
});
