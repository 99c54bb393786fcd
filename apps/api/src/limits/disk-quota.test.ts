import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BLOCK_BYTES, bytesTaken } from '@pixdock/shared/state/files/disk-bytes';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { stagingAt } from '@pixdock/shared/state/folder-staging/open-staging';
import { uploadFiles } from '@pixdock/shared/state/staged/staged-names';
import { redisAway } from '@pixdock/shared/testing/redis-away';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DiskQuota, type DiskReservation, openDiskQuota } from './disk-quota.js';

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;
/** Even ones are whole blocks, so that files take as many bytes of the disk as they have. */
const halfBlocks = (count: number) => (count * BLOCK_BYTES) / 2;
const ALONE = redisAway();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-diskQuota-'));
  await mkdir(stagingLayout(folder).live, { recursive: true });
});
afterEach(async () => {
  vi.useRealTimers();
  // The last count may still be written.
  await rm(folder, { recursive: true, maxRetries: 5 });
});

const layout = () => stagingLayout(folder);
const half = () => 0.5;

let made = 0;
const reserve = (diskQuota: DiskQuota, declaredBytes: number, owner = 'alice', firstBytes?: number) =>
  diskQuota.reserve({
    id: `id-${made++}`,
    owner,
    declaredBytes,
    ...(firstBytes === undefined ? {} : { firstBytes }),
  });

/** Ends an upload after `bytes` were stored. */
function release(reservation: DiskReservation, bytes: number): void {
  reservation.commit(bytes);
  reservation[Symbol.dispose]();
}

/** Whether an upload of `bytes` would be admitted. */
async function hasFree(diskQuota: DiskQuota, bytes: number): Promise<boolean> {
  try {
    (await reserve(diskQuota, bytes, 'probe'))[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

/** An image in staging as a submission leaves it. */
async function stage(owner: string, bytes: number): Promise<string> {
  const id = `img_${String(made++).padStart(32, '0')}`;
  await mkdir(layout().image(id), { recursive: true });
  await writeFile(layout().submission(id), JSON.stringify({ record: { owner } }));
  await fill(layout().image(id), layout().source(id), bytes - BLOCK_BYTES);
  return id;
}

/** Writes a file, so that it and its folder take `bytes` of the disk. */
async function fill(at: string, file: string, bytes: number): Promise<void> {
  await mkdir(at, { recursive: true });
  await writeFile(file, Buffer.alloc(bytes - bytesTaken(await stat(at))));
}

test('is full while the quota has no space for a small upload', async () => {
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), 1600);
  expect(await diskQuota.findFull()).toBeNull();
  const large = await reserve(diskQuota, 1501);
  expect(await diskQuota.findFull()).toEqual({
    reason: 'staging-at-limit',
    params: { used: 1501, max: 1600 },
  });
  large[Symbol.dispose]();
  expect(await diskQuota.findFull()).toBeNull();
});

test('refuses uploads beyond the quota: files, reservations and bytes that were just stored count', async () => {
  await writeFile(join(layout().live, 'a'), Buffer.alloc(halfBlocks(400)));
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000));
  await diskQuota.refresh();
  const first = await reserve(diskQuota, halfBlocks(300));
  await expect(reserve(diskQuota, halfBlocks(301))).rejects.toMatchObject({
    code: 'staging_full',
    detail: {
      reason: 'staging-too-small',
      params: { bytes: halfBlocks(301), free: halfBlocks(300), max: halfBlocks(1000) },
    },
  });
  release(first, halfBlocks(200));
  const second = await reserve(diskQuota, halfBlocks(400));
  await expect(reserve(diskQuota, 1)).rejects.toMatchObject({ code: 'staging_full' });
  second[Symbol.dispose]();
  await reserve(diskQuota, halfBlocks(400));
});

test('counts again before a refusal if the last count is old', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const file = join(layout().live, 'a');
  await writeFile(file, Buffer.alloc(900));
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), 1000);
  await diskQuota.refresh();
  await expect(reserve(diskQuota, 200)).rejects.toMatchObject({ code: 'staging_full' });
  await rm(file);
  await expect(reserve(diskQuota, 200)).rejects.toMatchObject({ code: 'staging_full' });
  vi.advanceTimersByTime(6000);
  await reserve(diskQuota, 200);
});

test('begins with the last count of an earlier process', async () => {
  const id = await stage('alice', halfBlocks(600));
  const earlier = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000));
  await earlier.begin();
  const { images } = earlier.usage().byUse;
  await rm(layout().image(id), { recursive: true });
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000));
  await diskQuota.begin();
  expect([images > 0, diskQuota.usage().byUse.images]).toEqual([true, images]);
  await diskQuota.refresh();
  expect(diskQuota.usage().byUse.images).toBe(0);
});

test('counts an upload once, even if its files move during a count', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const id = `bat_${'ab'.repeat(16)}`;
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000));
  await diskQuota.refresh();
  const reservation = await diskQuota.reserve({ id, owner: 'alice', declaredBytes: halfBlocks(400) });
  await fill(layout().arriving(id), join(layout().arriving(id), 'a'), halfBlocks(400));
  vi.advanceTimersByTime(6000);
  await diskQuota.refresh();
  expect(await hasFree(diskQuota, halfBlocks(600))).toBe(true);

  vi.advanceTimersByTime(6000);
  const counting = diskQuota.refresh();
  await mkdir(dirname(layout().batch(id)), { recursive: true });
  await rename(layout().arriving(id), layout().batch(id));
  release(reservation, halfBlocks(400));
  await counting;
  expect(await hasFree(diskQuota, halfBlocks(600))).toBe(true);
  vi.advanceTimersByTime(6000);
  await diskQuota.refresh();
  expect([await hasFree(diskQuota, halfBlocks(600)), await hasFree(diskQuota, halfBlocks(601))]).toEqual([
    true,
    false,
  ]);
});

test('counts the bytes of outcomes, also for their owners', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const shard = dirname(layout().outcome(`img_${'ab'.repeat(16)}`));
  await mkdir(shard, { recursive: true });
  for (const [n, owner] of ['alice', 'alice', 'bob'].entries())
    await writeFile(join(shard, `${n}.json`), JSON.stringify({ record: { owner } }).padEnd(n * BLOCK_BYTES));
  await stage('alice', 3 * BLOCK_BYTES);
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), 10 * BLOCK_BYTES, half);
  await diskQuota.refresh();
  expect([await hasFree(diskQuota, 3 * BLOCK_BYTES), await hasFree(diskQuota, 3 * BLOCK_BYTES + 1)]).toEqual([
    true,
    false,
  ]);
  // Alice has her five blocks, two of them in outcomes, and less than a quarter would stay free.
  await expect(reserve(diskQuota, BLOCK_BYTES)).rejects.toMatchObject({ quota: { name: 'staging' } });
});

test('reserves a step ahead of the arriving bytes, until the quota is used up', async () => {
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), 1000 * MIB);
  await diskQuota.refresh();
  const reservation = await reserve(diskQuota, 0);
  expect(await hasFree(diskQuota, 1000 * MIB)).toBe(true);
  await reservation.growTo(10 * MIB);
  expect([await hasFree(diskQuota, 989 * MIB), await hasFree(diskQuota, 990 * MIB)]).toEqual([true, false]);
  await reservation.growTo(999 * MIB + 1);
  await expect(reservation.growTo(1001 * MIB)).rejects.toMatchObject({ code: 'staging_full' });
  release(reservation, 10 * MIB);
  expect([await hasFree(diskQuota, 990 * MIB), await hasFree(diskQuota, 991 * MIB)]).toEqual([true, false]);
});

test('leaves space for another owner beside 500 uploads that declare 20 MiB and send almost nothing', async () => {
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), GIB);
  await diskQuota.refresh();
  const slow = await Promise.allSettled(Array.from({ length: 500 }, () => reserve(diskQuota, 20 * MIB)));
  for (const one of slow) if (one.status === 'fulfilled') await one.value.growTo(64 * 1024);
  expect(slow.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(400);
  expect(await hasFree(diskQuota, 20 * MIB)).toBe(true);
});

test('keeps space for the bytes that admitted uploads have yet to send', async () => {
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), 100 * MIB);
  await diskQuota.refresh();
  const reservation = await reserve(diskQuota, 20 * MIB);
  // Other uploads take all remaining space.
  let admitted = 0;
  while (await hasFree(diskQuota, MIB)) {
    await reserve(diskQuota, MIB, 'bob');
    admitted++;
  }
  expect(admitted).toBe(80);
  await reservation.growTo(20 * MIB);
  await expect(reservation.growTo(20 * MIB + 1)).rejects.toMatchObject({ code: 'staging_full' });
});

test('admits an owner above half of staging only while a quarter stays free', async () => {
  await stage('alice', halfBlocks(450));
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000), half);
  await diskQuota.refresh();
  const rooms = [await reserve(diskQuota, halfBlocks(50)), await reserve(diskQuota, halfBlocks(250))];
  await expect(reserve(diskQuota, 1)).rejects.toMatchObject({
    code: 'rate_limited',
    quota: { name: 'staging', limit: halfBlocks(500) },
    retryAfterSeconds: 30,
  });
  await reserve(diskQuota, halfBlocks(250), 'bob');
  for (const reservation of rooms) reservation[Symbol.dispose]();
  await reserve(diskQuota, halfBlocks(50));
});

test('refuses an owner above half of staging for 30 s after a refusal of another owner', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await stage('alice', halfBlocks(600));
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000), half);
  await diskQuota.refresh();
  const reservation = await reserve(diskQuota, halfBlocks(300), 'bob');
  await expect(reserve(diskQuota, halfBlocks(200), 'bob')).rejects.toMatchObject({ code: 'staging_full' });
  reservation[Symbol.dispose]();
  await expect(reserve(diskQuota, halfBlocks(100))).rejects.toMatchObject({ code: 'rate_limited' });
  vi.advanceTimersByTime(31_000);
  await reserve(diskQuota, halfBlocks(100));
});

test('admits others after it refused an upload of more than a quarter of staging', async () => {
  await stage('alice', halfBlocks(600));
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000), half);
  await diskQuota.refresh();
  await expect(reserve(diskQuota, halfBlocks(450), 'bob')).rejects.toMatchObject({ code: 'staging_full' });
  await reserve(diskQuota, halfBlocks(100));
});

test('refuses an upload in mid-stream when it grows beyond the share of its owner', async () => {
  await stage('alice', halfBlocks(400));
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000), half);
  await diskQuota.refresh();
  const reservation = await reserve(diskQuota, 0);
  await reservation.growTo(halfBlocks(300));
  await expect(reservation.growTo(halfBlocks(400))).rejects.toMatchObject({
    code: 'rate_limited',
    quota: { name: 'staging' },
  });
});

test('counts batch items and bytes that were just stored for their owner', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const batch = `bat_${'cd'.repeat(16)}`;
  await mkdir(layout().batch(batch), { recursive: true });
  await writeFile(join(layout().batch(batch), 'batch.json'), JSON.stringify({ owner: 'alice' }));
  const item = `img_${'0'.repeat(24)}cdcdcdcd`;
  await fill(layout().image(item), layout().source(item), halfBlocks(300));
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000), half);
  await diskQuota.refresh();
  release(await reserve(diskQuota, halfBlocks(200)), halfBlocks(180));
  // Stored bytes count until the next count, which finds no file for them.
  await reserve(diskQuota, halfBlocks(200), 'bob');
  const refused = () =>
    expect(reserve(diskQuota, halfBlocks(150))).rejects.toMatchObject({ code: 'rate_limited' });
  await refused();
  vi.advanceTimersByTime(6000);
  await diskQuota.refresh();
  await reserve(diskQuota, halfBlocks(150));
});

test.each([null, 1])(
  'lets an owner without a share (%s) use all of staging, and refuses as staging_full',
  async (share) => {
    await stage('alice', halfBlocks(600));
    const diskQuota = openDiskQuota(ALONE, stagingAt(folder), halfBlocks(1000), () => share);
    await diskQuota.refresh();
    await reserve(diskQuota, halfBlocks(400));
    await expect(reserve(diskQuota, 1)).rejects.toMatchObject({ code: 'staging_full' });
  },
);

test('counts the bytes of a resumable upload once, between and during the requests that bring them', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const id = `upl_${'0'.repeat(32)}`;
  const { entry, data } = uploadFiles(layout().upload(id));
  await mkdir(layout().upload(id), { recursive: true });
  await writeFile(entry, JSON.stringify({ owner: 'alice' }));
  const limitBytes = 10 * BLOCK_BYTES;
  const diskQuota = openDiskQuota(ALONE, stagingAt(folder), limitBytes);
  const freeBytes = () => {
    const { limit, byUse } = diskQuota.usage();
    return limit - Object.values(byUse).reduce((sum, bytes) => sum + bytes, 0);
  };
  const countAgain = () => {
    vi.advanceTimersByTime(10_000);
    return diskQuota.refresh();
  };
  const before = BLOCK_BYTES + bytesTaken(await stat(layout().upload(id)));
  for (const stored of [0, BLOCK_BYTES, 2 * BLOCK_BYTES]) {
    const reservation = await diskQuota.reserve({
      id,
      owner: 'alice',
      declaredBytes: BLOCK_BYTES,
      firstBytes: 0,
      storedBytes: before + stored,
    });
    await reservation.growTo(BLOCK_BYTES);
    await writeFile(data, Buffer.alloc(stored + BLOCK_BYTES));
    // A count during the request, and one after it.
    await countAgain();
    expect(freeBytes()).toBe(limitBytes - before - stored - BLOCK_BYTES);
    release(reservation, BLOCK_BYTES);
    expect(freeBytes()).toBe(limitBytes - before - stored - BLOCK_BYTES);
    if (stored === BLOCK_BYTES) await countAgain();
    expect(freeBytes()).toBe(limitBytes - before - stored - BLOCK_BYTES);
  }
});
