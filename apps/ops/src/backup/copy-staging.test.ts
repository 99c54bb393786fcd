import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { takeNumber } from '@pixdock/shared/state/epoch-number';
import { openFolderFiles } from '@pixdock/shared/state/folder-staging/folder-files';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { changedRecord, testRecord } from '@pixdock/shared/testing/record';
import { openTestStaging, type TestStaging } from '@pixdock/shared/testing/staging';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { beforeEach, expect, test } from 'vitest';
import { copyStaging, isEmptyStaging } from './copy-staging.js';

let folder: string;
let staging: TestStaging;
beforeEach(async () => {
  folder = temporaryFolder();
  staging = await openTestStaging(folder);
});

async function stage() {
  const record = testRecord();
  const arrival = await staging.openArrival(record.id);
  arrival.stream.end('the source');
  await once(arrival.stream, 'close');
  await arrival.commit({ record, origin: null, idempotency: null });
  return record;
}

const at = isoTime();
const published = (record: ReturnType<typeof testRecord>) =>
  changedRecord(record, { status: 'published', version: 6, finishedAt: at, expiresAt: at });

test('copies an image that ends during the copy in its old or its new state', async () => {
  const [early, late] = [await stage(), await stage()];
  await staging.writeOutcome(published(early));
  const to = join(folder, 'copy', 'staging');
  const copied = await copyStaging(staging.layout.root, to, async (copiedFolder) => {
    if (copiedFolder === 'live') await staging.writeOutcome(published(late));
  });
  expect(copied).toEqual({ live: 1, deletions: 0, outcomes: 2, batches: 0, webhooks: 0 });
  const copy = await openTestStaging(join(folder, 'copy'));
  for (const { id } of [early, late]) expect((await copy.entry(id))?.record.status).toBe('published');
  expect(await readFile(copy.layout.source(late.id), 'utf8')).toBe('the source');
});

test('copies a deletion that completes during the copy', async () => {
  const record = published(await stage());
  await staging.writeOutcome(record);
  await staging.requestDelete(record.id);
  const to = join(folder, 'copy', 'staging');
  await copyStaging(staging.layout.root, to, async (copiedFolder) => {
    if (copiedFolder !== 'deletions') return;
    await staging.writeOutcome(changedRecord(record, { status: 'deleted', deleteRequestedAt: at }));
  });
  const copy = await openTestStaging(join(folder, 'copy'));
  expect((await copy.entry(record.id))?.record).toMatchObject({ status: 'deleted' });
});

test('copies a batch that is deleted during the copy as its tombstone', async () => {
  const entry = testBatch();
  const arrival = await staging.batches.openArrival(entry.id);
  for (let row = 1; row <= entry.total; row++) await arrival.add(testItem(row));
  await arrival.commit(entry);
  const to = join(folder, 'copy', 'staging');
  const times = { cancelRequestedAt: null, deleteRequestedAt: at, finishedAt: at, expiresAt: at };
  await copyStaging(staging.layout.root, to, async (copiedFolder) => {
    // The next one has the batches; the removal of its folder has begun.
    if (copiedFolder !== 'outcomes') return;
    await staging.batches.addTombstone(entry, times);
    await rm(batchFiles(staging.layout.batch(entry.id)).entry);
  });
  const copy = await openTestStaging(join(folder, 'copy'));
  expect(await copy.batches.tombstone(entry.id)).toEqual(times);
  expect(await copy.batches.hasRows(entry.id)).toBe(false);
});

test('copies neither incomplete files nor unconfirmed uploads', async () => {
  await mkdir(staging.layout.arriving('img_half'), { recursive: true });
  await mkdir(join(staging.layout.outcomes, 'ab'), { recursive: true });
  await writeFile(join(staging.layout.outcomes, 'ab', 'img_ab.json.1.x.tmp'), '{');
  expect(await isEmptyStaging(staging.layout.root)).toBe(true);
  const to = join(folder, 'copy', 'staging');
  expect(await copyStaging(staging.layout.root, to)).toMatchObject({ live: 0, outcomes: 0 });
});

test('continues far above the epochs that begin after a backup', async () => {
  const latest = await takeNumber(staging.notes, -1);
  const to = join(folder, 'copy', 'staging');
  await copyStaging(staging.layout.root, to);
  for (let lost = 0; lost < 10; lost++) await takeNumber(staging.notes, -1);
  expect(await takeNumber(openFolderFiles(to), -1)).toBeGreaterThan(latest + 10);
});
