import { existsSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { openImages } from '@pixdock/shared/state/images/images';
import { markDeleted, requestDelete, retry } from '@pixdock/shared/state/images/transitions';
import { type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import { HOUR_MS, openWorkerParts } from '../testing/worker-parts.js';
import { cacheIsPurged, removeAbandoned, removeEndedImage } from './remove-leftovers.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const MINUTE_MS = 60_000;
const ago = (ms: number) => new Date(Date.now() - ms);

/** An image that ended two days ago, with a file unchanged for an hour. */
async function endedImage(changes: RecordChanges, idleMs = HOUR_MS) {
  const parts = await openWorkerParts(redis);
  const { staging, records } = parts;
  const finishedAt = ago(48 * HOUR_MS).toISOString();
  const record = testRecord({ finishedAt, ...changes });
  const { id } = record;
  await records.create(record);
  const [folder, source] = [staging.layout.image(id), staging.layout.source(id)];
  await makeFolder(folder);
  await writeFile(source, 'bytes');
  const old = ago(idleMs);
  for (const path of [source, folder]) await utimes(path, old, old);
  const remove = (changed: Partial<typeof parts>) => {
    const changedParts = { ...parts, ...changed };
    const images = openImages(changedParts);
    return removeEndedImage({ ...changedParts, images }, id, cacheIsPurged(staging));
  };
  return { parts, record, remove, hasSource: () => existsSync(source) };
}

it('removes the files of an image that has ended, and keeps its outcome', async () => {
  const { parts, record, remove, hasSource } = await endedImage({ status: 'published' });
  expect(await remove({})).toBe(true);
  expect(hasSource()).toBe(false);
  expect((await parts.staging.entry(record.id))?.record.status).toBe('published');
});

it('keeps the outcome of a deletion that ends while the files of its image are removed', async () => {
  const { parts, record, remove } = await endedImage({ status: 'published' });
  const { staging, records } = parts;
  const { id } = record;
  let isFirst = true;
  const writeOutcome: typeof staging.writeOutcome = async (settled) => {
    if (isFirst) {
      isFirst = false;
      await records.transition(id, requestDelete);
      const deleted = await records.transition(id, (current) => markDeleted(current, HOUR_MS));
      if (deleted.outcome === 'changed') await staging.writeOutcome(deleted.record);
    }
    await staging.writeOutcome(settled);
  };
  expect(await remove({ staging: { ...staging, writeOutcome } })).toBe(true);
  expect((await staging.entry(id))?.record.status).toBe('deleted');
});

it('keeps the source of an image whose retry is requested after its folder was found idle', async () => {
  const { parts, remove, hasSource } = await endedImage({ status: 'failed' });
  const { records } = parts;
  let reads = 0;
  const get: typeof records.get = async (id) => {
    if (++reads === 2) await records.transition(id, retry);
    return records.get(id);
  };
  expect(await remove({ records: { ...records, get } })).toBe(false);
  expect(hasSource()).toBe(true);
});

it.each([
  [9, false],
  [11, true],
])(
  'removes an upload, and the files of a published image, that are idle for %i minutes: %s',
  async (minutes, isGone) => {
    const { parts, remove, hasSource } = await endedImage({ status: 'published' }, minutes * MINUTE_MS);
    expect(await remove({})).toBe(isGone);
    expect(hasSource()).toBe(!isGone);
    const folder = parts.staging.layout.arriving('img_0');
    await makeFolder(folder);
    await utimes(folder, ago(minutes * MINUTE_MS), ago(minutes * MINUTE_MS));
    for await (const arrival of parts.staging.arrivals()) expect(await removeAbandoned(arrival)).toBe(isGone);
    expect(existsSync(folder)).toBe(!isGone);
  },
);

it('keeps an upload that is in progress although the clock of this host is an hour ahead', async () => {
  const { staging } = await openWorkerParts(redis);
  await makeFolder(staging.layout.arriving('img_0'));
  vi.useFakeTimers({ now: Date.now() + HOUR_MS, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  for await (const arrival of staging.arrivals()) expect(await removeAbandoned(arrival)).toBe(false);
  expect(existsSync(staging.layout.arriving('img_0'))).toBe(true);
});

it.each([
  [23, false],
  [25, true],
])('removes the source of an image that failed %i hours ago: %s', async (hours, isGone) => {
  const finishedAt = ago(hours * HOUR_MS).toISOString();
  const { remove, hasSource } = await endedImage({ status: 'failed', finishedAt });
  expect(await remove({})).toBe(isGone);
  expect(hasSource()).toBe(!isGone);
});
