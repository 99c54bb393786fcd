import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLog } from '@pixdock/shared/runtime/log';
import { BLOCK_BYTES, bytesTaken } from '@pixdock/shared/state/files/disk-bytes';
import { type StagingLayout, stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { stagingAt } from '@pixdock/shared/state/folder-staging/open-staging';
import { redisAway } from '@pixdock/shared/testing/redis-away';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openTestEvents } from '../testing/test-events.js';
import { type DiskQuota, openDiskQuota } from './disk-quota.js';
import { mustWait } from './permit.js';

/** Files take as many bytes of the disk as they have. */
const blocks = (count: number) => count * BLOCK_BYTES;
const IMAGE = `img_${'a'.repeat(32)}`;

let folder: string;
let layout: StagingLayout;
let logged: string[];
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  folder = await mkdtemp(join(tmpdir(), 'pixdock-quota-'));
  layout = stagingLayout(folder);
  logged = [];
  await mkdir(layout.batches, { recursive: true });
});
afterEach(async () => {
  vi.useRealTimers();
  // The last count may still be written.
  await rm(folder, { recursive: true, maxRetries: 5 });
});

const open = () => {
  const destination = { write: (line: string) => void logged.push(JSON.parse(line).msg) };
  const limits = { stagingMaxBytes: blocks(1000), maxUploadBytes: blocks(100), lanes: 2 };
  return openDiskQuota(
    redisAway(),
    stagingAt(folder),
    limits,
    openTestEvents(createLog('test', { destination })),
  );
};
const archive = () => join(layout.batches, 'archive.zip');
const outcome = () => layout.outcome(IMAGE);

/** Writes a source, so that it and its folder take `bytes` of the disk. */
async function source(bytes: number): Promise<void> {
  await mkdir(layout.image(IMAGE), { recursive: true });
  const ofFolder = bytesTaken(await stat(layout.image(IMAGE)));
  await writeFile(layout.source(IMAGE), Buffer.alloc(bytes - ofFolder));
}

/** Whether a reservation is granted; it is held until the end of the test. */
const fits = async (quota: DiskQuota, owner: string, bytes: number) =>
  !mustWait(await quota.acquire(owner, bytes));

it.each([
  ['half of staging', archive, 0, 500],
  ['the bytes beside those of batches', archive, 700, 300],
  ['the bytes beside those of outcomes', outcome, 700, 300],
  ['a source for each lane, however much is kept', archive, 1000, 200],
])('grants %s', async (_, at, kept, most) => {
  await mkdir(dirname(at()), { recursive: true });
  await writeFile(at(), Buffer.alloc(blocks(kept)));
  const quota = await open();
  for (let taken = 0; taken < most; taken += 100) expect(await fits(quota, 'alice', blocks(100))).toBe(true);
  expect(await fits(quota, 'alice', 1)).toBe(false);
});

it('counts only committed bytes once a permit is disposed of', async () => {
  const quota = await open();
  for (const [bytes, stored] of [
    [500, 100],
    [400, 0],
  ] as const) {
    using permit = await quota.acquire('alice', blocks(bytes));
    if (mustWait(permit)) throw new Error('refused');
    permit.commit(blocks(stored));
  }
  expect(await fits(quota, 'alice', blocks(400))).toBe(true);
  expect(await fits(quota, 'alice', 1)).toBe(false);
});

it('grants a job that writes nothing, also while staging is full', async () => {
  const quota = await open();
  expect(await fits(quota, 'alice', blocks(500))).toBe(true);
  expect(await fits(quota, 'alice', 0)).toBe(true);
});

it('logs once that staging is full, and once that it has room again, however many jobs ask', async () => {
  await source(blocks(450));
  const quota = await open();
  const full = 'staging has no room for more';
  for (let i = 0; i < 20; i++) expect(await fits(quota, 'alice', blocks(100))).toBe(false);
  expect(logged).toEqual([full]);
  vi.advanceTimersByTime(80_000);
  await quota.acquire('alice', blocks(100));
  vi.advanceTimersByTime(80_000);
  expect(logged).toEqual([full]);
  await source(blocks(1));
  // Beside another owner, alice has half: nothing of what was refused counts.
  expect(await fits(quota, 'bob', 1)).toBe(true);
  expect(await fits(quota, 'alice', blocks(100))).toBe(true);
  vi.advanceTimersByTime(11_000);
  expect(logged).toEqual([full, 'staging has room again']);
});

it('grants one owner half of the quota while another owner needs some, also to many fetches at once', async () => {
  const quota = await open();
  expect(await fits(quota, 'bob', blocks(50))).toBe(true);
  const acquired = await Promise.all(Array.from({ length: 6 }, () => quota.acquire('alice', blocks(50))));
  expect(acquired.filter((one) => !mustWait(one))).toHaveLength(5);
  expect(await fits(quota, 'bob', blocks(50))).toBe(true);
  acquired[0]?.[Symbol.dispose]();
  const permit = await quota.acquire('alice', blocks(50));
  if (mustWait(permit)) throw new Error('refused');
  expect(await fits(quota, 'alice', blocks(50))).toBe(false);
  permit.commit(blocks(40));
  permit[Symbol.dispose]();
  expect(await fits(quota, 'alice', blocks(20))).toBe(false);
  expect(await fits(quota, 'alice', blocks(10))).toBe(true);
});

it('counts the files of an owner in staging as its own', async () => {
  await source(blocks(200));
  await writeFile(layout.submission(IMAGE), JSON.stringify({ record: { owner: 'alice' } }));
  const quota = await open();
  expect(await fits(quota, 'bob', blocks(60))).toBe(true);
  expect(await fits(quota, 'alice', blocks(60))).toBe(false);
  expect(await fits(quota, 'alice', blocks(40))).toBe(true);
});

it('leaves its space to other images while held ones fill theirs, which one owner has half of', async () => {
  await source(blocks(251));
  await writeFile(layout.submission(IMAGE), JSON.stringify({ record: { owner: 'alice' } }));
  await mkdir(layout.review(IMAGE));
  const quota = await open();
  const mayBeHeld = async (owner: string, bytes: number) =>
    !mustWait(await quota.acquire(owner, bytes, true));
  // Also a source that lies in staging, since its variants would stay.
  expect(await mayBeHeld('alice', 0)).toBe(false);
  expect(await mayBeHeld('bob', blocks(100))).toBe(true);
  for (const owner of ['alice', 'carol', 'dave', 'alice'])
    expect(await fits(quota, owner, blocks(100))).toBe(true);
  await writeFile(layout.source(IMAGE), Buffer.alloc(blocks(500)));
  vi.advanceTimersByTime(10_000);
  expect(await mayBeHeld('bob', blocks(1))).toBe(false);
  await rm(layout.image(IMAGE), { recursive: true });
  vi.advanceTimersByTime(10_000);
  expect(await mayBeHeld('alice', 0)).toBe(true);
});

it('keeps nothing reserved for a job while staging cannot be counted', async () => {
  const quota = await open();
  expect(await fits(quota, 'bob', blocks(300))).toBe(true);
  await symlink(layout.live, layout.live);
  vi.advanceTimersByTime(10_000);
  for (let i = 0; i < 2; i++)
    await expect(quota.acquire('alice', blocks(250))).rejects.toMatchObject({ code: 'ELOOP' });
  await rm(layout.live);
  expect(await fits(quota, 'alice', blocks(200))).toBe(true);
});

it('grants an owner the whole quota once no other owner has asked for a minute', async () => {
  const quota = await open();
  (await quota.acquire('bob', blocks(50)))[Symbol.dispose]();
  for (let i = 0; i < 5; i++) expect(await fits(quota, 'alice', blocks(50))).toBe(true);
  expect(await fits(quota, 'alice', blocks(50))).toBe(false);
  vi.advanceTimersByTime(61_000);
  for (let i = 0; i < 5; i++) expect(await fits(quota, 'alice', blocks(50))).toBe(true);
});
