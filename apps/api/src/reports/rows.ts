import type { Manifest } from '@pixdock/shared/batches/manifest';
import type { ManifestItem } from '@pixdock/shared/contract/batch';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import type { Language } from '@pixdock/shared/errors';
import type { BatchState } from '@pixdock/shared/records/batch-state';
import { readItems } from '../batches.js';
import type { ApiDeps } from '../deps.js';

/** Rows read at a time, with one round trip to Redis. */
const AT_ONCE = 256;
/** About as much text of a report is made at a time, so that nobody else waits long for it. */
const TEXT_AT_ONCE = 1024 * 1024;

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
  const { columns, total } = manifest.entry;
  // A line of NDJSON has them too.
  const names = lengthOf(columns);
  let some: { place: number; item: ManifestItem }[] = [];
  let text = 0;
  for await (const one of manifest.items(0)) {
    some.push(one);
    text += names + lengthOf(one.item.cells);
    if (some.length < AT_ONCE && text < TEXT_AT_ONCE && one.place + 1 < total) continue;
    const places = some.map(({ place }) => place);
    const records = await readItems(deps, state, manifest, places);
    yield records.map((record, i) => toRow(record, some[i]?.item.cells ?? [], language));
    some = [];
    text = 0;
  }
}

const lengthOf = (cells: readonly string[]) => cells.reduce((sum, cell) => sum + cell.length, 0);

function toRow(record: ImageRecord, cells: string[], language: Language): ReportRow {
  const { id, row, externalId, status, url, error } = record;
  const reason = error === null ? null : error.detail[language];
  return { cells, row: row ?? 0, id, externalId, status, url, code: error?.code ?? null, reason };
}
