import type { Language } from '@pixdock/contract/messages/text';
import type { Manifest } from '@pixdock/shared/state/batches/manifest';
import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { sayStoredError } from '@pixdock/shared/state/records/stored-error';
import { readItems } from '../batches.js';
import type { ApiDeps } from '../deps.js';
import { say } from '../messages/reports.js';

/** Rows made at a time. */
const AT_ONCE = 256;
/** Records read with one round trip to Redis: their parsing takes about 3 ms without a pause. */
const RECORDS_AT_ONCE = 64;
/**
 * About as much text is made at a time. A report whose reader stalls holds two or three times this, and an owner has
 * MAX_READS of them open at most.
 */
const TEXT_AT_ONCE = 256 * 1024;
/** A cell in memory beside its text, so that many empty cells count. */
const CELL_BYTES = 8;

/** What became of one item. */
export interface ReportRow {
  /** The caller's own columns. */
  cells: string[];
  row: number;
  id: string;
  externalId: string | null;
  status: string;
  url: string | null;
  code: string | null;
  reason: string | null;
}

/** All items of a batch in their order, some at a time. */
export async function* reportRows(
  deps: Pick<ApiDeps, 'batches' | 'records' | 'staging'>,
  state: BatchState,
  manifest: Manifest,
  language: Language,
): AsyncGenerator<ReportRow[]> {
  const { columns } = manifest.entry;
  // A line of NDJSON has them too.
  const names = lengthOf(columns);
  let some: PlacedItem[] = [];
  let text = 0;
  let last: PlacedItem | null = null;
  for await (const { place, item, cells } of manifest.itemsWithCells(0)) {
    const ofRow: number = last?.row === item.row ? last.ofRow + 1 : 1;
    if (last !== null && ofRow > 1) last.hasOthers = true;
    if (some.length >= AT_ONCE || text >= TEXT_AT_ONCE) {
      yield await read(some);
      some = [];
      text = 0;
    }
    last = { place, row: item.row, cells, ofRow, hasOthers: ofRow > 1 };
    some.push(last);
    text += names + lengthOf(cells);
  }
  yield await read(some);

  async function read(items: PlacedItem[]): Promise<ReportRow[]> {
    const places = items.map(({ place }) => place);
    const records: ImageRecord[] = [];
    for (let at = 0; at < places.length; at += RECORDS_AT_ONCE)
      records.push(...(await readItems(deps, state, manifest, places.slice(at, at + RECORDS_AT_ONCE))));
    return records.map((record, i) => toRow(record, items[i], language));
  }
}

interface PlacedItem {
  place: number;
  row: number;
  cells: string[];
  /** From 1: a row may have several addresses. */
  ofRow: number;
  hasOthers: boolean;
}

const lengthOf = (cells: readonly string[]) => cells.reduce((sum, cell) => sum + CELL_BYTES + cell.length, 0);

function toRow(record: ImageRecord, placed: PlacedItem | undefined, language: Language): ReportRow {
  const { id, row, externalId, status, url, error } = record;
  const said = error === null ? null : sayStoredError(error, language);
  const reason =
    said !== null && placed?.hasOthers === true
      ? say(language, 'url-of-row', { number: placed.ofRow, reason: said })
      : said;
  const cells = placed?.cells ?? [];
  return { cells, row: row ?? 0, id, externalId, status, url, code: error?.code ?? null, reason };
}
