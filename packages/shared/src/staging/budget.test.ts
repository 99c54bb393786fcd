import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stagingLayout } from '@pixdock/shared/staging/layout';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openBudget } from './budget.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-budget-'));
  await mkdir(stagingLayout(folder).live, { recursive: true });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

test('refuses what would exceed the budget, counting what is here, on its way and just come', async () => {
  await writeFile(join(stagingLayout(folder).live, 'a'), Buffer.alloc(400));
  const budget = openBudget(stagingLayout(folder), 1000);
  await budget.refresh();
  const first = await budget.reserve('x', 300);
  await expect(budget.reserve('x', 301)).rejects.toMatchObject({ code: 'staging_full' });
  first.release(200);
  const second = await budget.reserve('x', 400);
  await expect(budget.reserve('x', 1)).rejects.toMatchObject({ code: 'staging_full' });
  second.release(0);
  await budget.reserve('x', 400);
});

test('counts again before it refuses, once the last count is old', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const file = join(stagingLayout(folder).live, 'a');
  await writeFile(file, Buffer.alloc(900));
  const budget = openBudget(stagingLayout(folder), 1000);
  await budget.refresh();
  await expect(budget.reserve('x', 200)).rejects.toMatchObject({ code: 'staging_full' });
  await rm(file);
  await expect(budget.reserve('x', 200)).rejects.toMatchObject({ code: 'staging_full' });
  vi.advanceTimersByTime(6000);
  await budget.reserve('x', 200);
});

test('what lies there of something that is on its way counts once, also while it moves during a count', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const layout = stagingLayout(folder);
  const id = `bat_${'ab'.repeat(16)}`;
  const budget = openBudget(layout, 1000);
  await budget.refresh();
  const place = await budget.reserve(id, 400);
  await mkdir(layout.arriving(id), { recursive: true });
  await writeFile(join(layout.arriving(id), 'a'), Buffer.alloc(400));
  vi.advanceTimersByTime(6000);
  await budget.refresh();
  (await budget.reserve('other', 600)).release(0);

  vi.advanceTimersByTime(6000);
  const counting = budget.refresh();
  await mkdir(dirname(layout.batch(id)), { recursive: true });
  await rename(layout.arriving(id), layout.batch(id));
  place.release(400);
  await counting;
  (await budget.reserve('other', 600)).release(0);
  vi.advanceTimersByTime(6000);
  await budget.refresh();
  (await budget.reserve('other', 600)).release(0);
  await expect(budget.reserve('other', 601)).rejects.toMatchObject({ code: 'staging_full' });
});

test('a place grows as its bytes come, a step ahead of them, until there is no room for more', async () => {
  const MIB = 1024 ** 2;
  const budget = openBudget(stagingLayout(folder), 1000 * MIB);
  await budget.refresh();
  const free = async (bytes: number) =>
    budget.reserve('probe', bytes).then(
      (probe) => probe.release(0),
      () => Promise.reject(new Error(`no ${bytes}`)),
    );
  const idle = await Promise.all(Array.from({ length: 5 }, (_, i) => budget.reserve(`${i}`, 0, 900 * MIB)));
  await free(1000 * MIB);
  await expect(budget.reserve('more', 0, 1001 * MIB)).rejects.toMatchObject({ code: 'staging_full' });
  const [one] = idle;
  await one?.cover(MIB);
  await free(998 * MIB);
  await expect(free(999 * MIB)).rejects.toThrow();
  await one?.cover(900 * MIB);
  await free(84 * MIB);
  await expect(free(85 * MIB)).rejects.toThrow();
  await one?.cover(999 * MIB);
  await expect(one?.cover(1001 * MIB)).rejects.toMatchObject({ code: 'staging_full' });
  one?.release(10 * MIB);
  await free(990 * MIB);
});
