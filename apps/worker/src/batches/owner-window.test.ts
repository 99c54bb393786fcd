import { expect, it } from 'vitest';
import { openOwnerWindows, WINDOW } from './owner-window.js';

/** The windows of one owner's batches in Redis, by hosts. */
function testWindows(ids: string[]) {
  const active = new Map<string, string[]>(ids.map((id) => [id, []]));
  let reads = 0;
  let now = 0;
  const activeHosts = async () => {
    reads++;
    return structuredClone(active);
  };
  const windows = openOwnerWindows({ activeHosts }, () => now);
  const total = () => [...active.values()].flat().length;
  /** Puts as many items of the batch under way as it may, at most `most`. */
  async function fill(id: string, host = '', most = Number.POSITIVE_INFINITY): Promise<number> {
    const own = active.get(id) ?? [];
    const share = await windows.shareOf({ id, owner: 'alice' }, own);
    let added = 0;
    while (added < most && share.hasRoom() && share.hasRoomForHost(host)) {
      own.push(host);
      share.add(host);
      added++;
    }
    return added;
  }
  return { active, windows, fill, total, reads: () => reads, later: (ms: number) => void (now += ms) };
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `bat_${i}`);

it('gives one batch the whole window', async () => {
  const { fill } = testWindows(['bat_0']);
  expect(await fill('bat_0')).toBe(WINDOW);
});

it.each([2, 3, 20, 100, 255])(
  'keeps a part for each of %i batches, in one window together',
  async (count) => {
    const ids = names(count);
    const { fill, total } = testWindows(ids);
    const kept = Math.floor(WINDOW / 2 / count);
    for (const id of ids) expect(await fill(id)).toBeGreaterThanOrEqual(kept);
    expect(total()).toBeLessThanOrEqual(WINDOW);
    // The first is not limited to its part.
    const first = testWindows(ids);
    expect(await first.fill('bat_0')).toBeGreaterThanOrEqual(WINDOW / 2);
  },
);

it('keeps a part of what one host may have for each batch, in one limit together', async () => {
  const ids = names(20);
  const { fill, total } = testWindows(ids);
  for (const id of ids) expect(await fill(id, 'slow.example')).toBeGreaterThanOrEqual(3);
  expect(total()).toBeLessThanOrEqual(128);
  expect(await fill('bat_0', 'other.example')).toBeGreaterThan(0);
  expect(await testWindows(['bat_0']).fill('bat_0', 'slow.example')).toBe(128);
});

it('sees what other passes add at once, and what ends shortly after', async () => {
  const { fill, active, later, reads } = testWindows(['bat_0', 'bat_1']);
  const [first, second] = await Promise.all([fill('bat_0'), fill('bat_1')]);
  expect(first + second).toBeLessThanOrEqual(WINDOW);
  expect(reads()).toBe(1);
  active.set('bat_0', []);
  expect(await fill('bat_1')).toBe(0);
  later(250);
  expect(await fill('bat_1')).toBeGreaterThan(0);
  expect(reads()).toBe(2);
});

it('reads again after Redis was away', async () => {
  let isAway = true;
  const activeHosts = async () => {
    if (isAway) throw new Error('away');
    return new Map([['bat_0', []]]);
  };
  let now = 0;
  const windows = openOwnerWindows({ activeHosts }, () => now);
  await expect(windows.shareOf({ id: 'bat_0', owner: 'alice' }, [])).rejects.toThrow('away');
  isAway = false;
  now += 250;
  expect((await windows.shareOf({ id: 'bat_0', owner: 'alice' }, [])).hasRoom()).toBe(true);
});
