import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  const first = await budget.reserve(300);
  await expect(budget.reserve(301)).rejects.toMatchObject({ code: 'staging_full' });
  first(200);
  const second = await budget.reserve(400);
  await expect(budget.reserve(1)).rejects.toMatchObject({ code: 'staging_full' });
  second(0);
  await budget.reserve(400);
});

test('counts again before it refuses, once the last count is old', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const file = join(stagingLayout(folder).live, 'a');
  await writeFile(file, Buffer.alloc(900));
  const budget = openBudget(stagingLayout(folder), 1000);
  await budget.refresh();
  await expect(budget.reserve(200)).rejects.toMatchObject({ code: 'staging_full' });
  await rm(file);
  await expect(budget.reserve(200)).rejects.toMatchObject({ code: 'staging_full' });
  vi.advanceTimersByTime(6000);
  await budget.reserve(200);
});
