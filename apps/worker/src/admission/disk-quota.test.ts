import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@pixdock/shared/runtime/log';
import { type StagingLayout, stagingLayout } from '@pixdock/shared/state/files/layout';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRoom } from './disk-quota.js';

const IMAGE = `img_${'a'.repeat(32)}`;

let folder: string;
let layout: StagingLayout;
let logged: string[];
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  folder = await mkdtemp(join(tmpdir(), 'pixdock-room-'));
  layout = stagingLayout(folder);
  logged = [];
  await mkdir(layout.image(IMAGE), { recursive: true });
  await mkdir(layout.batches);
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

const open = () => {
  const destination = { write: (line: string) => void logged.push(JSON.parse(line).msg) };
  const limits = { stagingMaxBytes: 1000, maxUploadBytes: 100, lanes: 2 };
  return openRoom(layout, limits, createLog('test', { destination }));
};
const keep = (bytes: number) => writeFile(join(layout.batches, 'archive.zip'), Buffer.alloc(bytes));
const source = (bytes: number) => writeFile(layout.source(IMAGE), Buffer.alloc(bytes));

test.each([
  ['half of staging', 0, 500],
  ['what is left beside what is kept', 700, 300],
  ['a source for each lane, whatever is kept', 1000, 200],
])('is %s', async (_, kept, most) => {
  await keep(kept);
  const room = await open();
  for (let taken = 0; taken < most; taken += 100) expect(await room.take('alice', 100)).not.toBeNull();
  expect(await room.take('alice', 1)).toBeNull();
});

test('tells once that it is wanting, and once that it is back, however many ask', async () => {
  await source(450);
  const room = await open();
  const refused = 'staging has no room for more';
  for (let i = 0; i < 20; i++) expect(await room.take('alice', 100)).toBeNull();
  expect(logged).toEqual([refused]);
  vi.advanceTimersByTime(80_000);
  await room.take('alice', 100);
  vi.advanceTimersByTime(80_000);
  expect(logged).toEqual([refused]);
  await source(0);
  expect(await room.take('alice', 100)).not.toBeNull();
  vi.advanceTimersByTime(11_000);
  expect(logged).toEqual([refused, 'staging has room again']);
});

test('gives one owner half of the room at most while another one needs some, also to many fetches at once', async () => {
  const room = await open();
  expect(await room.take('bob', 50)).not.toBeNull();
  const taken = await Promise.all(Array.from({ length: 6 }, () => room.take('alice', 50)));
  expect(taken.filter((one) => one !== null)).toHaveLength(5);
  expect(await room.take('bob', 50)).not.toBeNull();
  taken[0]?.(0);
  expect(await room.take('alice', 50)).not.toBeNull();
  expect(await room.take('alice', 50)).toBeNull();
});

test('gives an owner all of the room once no other one has asked for a minute', async () => {
  const room = await open();
  (await room.take('bob', 50))?.(0);
  for (let i = 0; i < 5; i++) expect(await room.take('alice', 50)).not.toBeNull();
  expect(await room.take('alice', 50)).toBeNull();
  vi.advanceTimersByTime(61_000);
  for (let i = 0; i < 5; i++) expect(await room.take('alice', 50)).not.toBeNull();
});
