import type { Manifest } from '@pixdock/shared/batches/manifest';
import { newBatchState } from '@pixdock/shared/records/batch-state';
import { newItemRecord } from '@pixdock/shared/records/new-record';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { expect, it } from 'vitest';
import type { ApiDeps } from '../deps.js';
import { reportRows } from './rows.js';

async function groupsOf(columns: string[], cells: string[], total: number): Promise<number[]> {
  const entry = testBatch({ columns, total });
  const item = testItem(1, { cells });
  const manifest = {
    entry,
    id: String,
    async *items(from: number, to = total) {
      for (let place = from; place < Math.min(to, total); place++) yield { place, item };
    },
  } as unknown as Manifest;
  const records = {
    getMany: async (ids: string[]) => ids.map((id) => newItemRecord(entry, Number(id), item, 1)),
  };
  const deps = { records } as unknown as ApiDeps;
  const groups: number[] = [];
  for await (const rows of reportRows(deps, newBatchState(entry, 1), manifest, 'en'))
    groups.push(rows.length);
  return groups;
}

it('reads short rows 256 at a time', async () => {
  expect(await groupsOf(['url'], ['x'], 600)).toEqual([256, 256, 88]);
});

it.each([
  ['long rows', ['url'], ['x'.repeat(60_000)]],
  ['rows with long names of columns', ['url', 'x'.repeat(60_000)], ['']],
])('reads a few %s at a time', async (_, columns, cells) => {
  const groups = await groupsOf(columns, cells, 300);
  expect(Math.max(...groups)).toBeLessThan(20);
  expect(groups.reduce((sum, rows) => sum + rows)).toBe(300);
});
