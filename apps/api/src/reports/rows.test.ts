import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import type { ManifestItem, NewItem } from '@pixdock/shared/state/batches/manifest-item';
import { newItemRecord } from '@pixdock/shared/state/batches/new-item-record';
import type { Images } from '@pixdock/shared/state/images/images';
import { sayStoredError, storedError } from '@pixdock/shared/state/images/stored-error';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import { testBatch, testItem } from '@pixdock/shared/testing/batch';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, it } from 'vitest';
import type { ApiDeps } from '../deps.js';
import { type ReportRow, reportRows } from './rows.js';

async function groupsOf(columns: string[], cells: string[], total: number): Promise<number[]> {
  const item = testItem(1, { cells });
  return (await read(columns, Array<NewItem & ManifestItem>(total).fill(item))).map((rows) => rows.length);
}

async function read(columns: string[], items: (NewItem & ManifestItem)[]): Promise<ReportRow[][]> {
  const invalid = items.filter(({ fault }) => fault !== null).length;
  const entry = testBatch({ columns, total: items.length, invalid });
  const manifest = stub<Manifest>({
    entry,
    id: String,
    async *itemsWithCells() {
      for (const [place, item] of items.entries()) yield { place, item, cells: item.cells };
    },
  });
  const ofBatch: Images['ofBatch'] = async (_state, _manifest, places) =>
    places.map((place) => newItemRecord(entry, place, items[place] ?? testItem(1), 1));
  const deps = stub<ApiDeps>({ images: { ofBatch } });
  const groups: ReportRow[][] = [];
  for await (const rows of reportRows(deps, newBatchState(entry, 1), manifest, { language: 'en' }))
    groups.push(rows);
  return groups;
}

it('names the failed URL of a row with several, wherever a group ends', async () => {
  const fault = storedError('invalid_row');
  const alone = Array.from({ length: 255 }, (_, i) => testItem(i + 1, { fault }));
  const items = [...alone, testItem(256, { fault }), testItem(256), testItem(256, { fault })];
  const rows = (await read(['url'], items)).flat();
  const text = sayStoredError(fault, 'en');
  expect(rows.slice(254).map(({ reason }) => reason)).toEqual([
    text,
    `URL 1 of this row: ${text}`,
    null,
    `URL 3 of this row: ${text}`,
  ]);
});

it('says that a picture of the sheet has failed, and not a URL, in a row with both', async () => {
  const origin = { kind: 'entry', offset: 0, bytes: 1, compressedBytes: 1, method: 0, crc32: 0 } as const;
  const fault = storedError('invalid_row');
  const [, failed] = (await read(['url'], [testItem(1), testItem(1, { origin, fault })])).flat();
  expect(failed?.reason).toBe(`Image 2 of this row, a picture in the sheet: ${sayStoredError(fault, 'en')}`);
});

it('gives no position to a row that is invalid as a whole, which may have several URLs once it is corrected', async () => {
  const fault = storedError('invalid_row');
  const split = [1, 2].map((position) => testItem(2, { position, fault }));
  const rows = (await read(['url'], [testItem(1, { fault }), ...split, testItem(3)])).flat();
  expect(rows.map(({ position }) => position)).toEqual([null, 1, 2, 1]);
});

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
