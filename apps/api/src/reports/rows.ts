import type { Manifest } from '@pixdock/shared/batches/manifest';
import type { ManifestItem } from '@pixdock/shared/contract/batch';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import type { Language } from '@pixdock/shared/errors';
import type { BatchState } from '@pixdock/shared/records/batch-state';
import { readItems } from '../batches.js';
import type { ApiDeps } from '../deps.js';

/** Rows read at a time, with one round trip to Redis. */
const AT_ONCE = 256;

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
  for (let from = 0; from < manifest.entry.total; from += AT_ONCE) {
    const items: ManifestItem[] = [];
    for await (const { item } of manifest.items(from, from + AT_ONCE)) items.push(item);
    const places = items.map((_, i) => from + i);
    const records = await readItems(deps, state, manifest, places);
    yield records.map((record, i) => toRow(record, items[i]?.cells ?? [], language));
  }
}

function toRow(record: ImageRecord, cells: string[], language: Language): ReportRow {
  const { id, row, externalId, status, url, error } = record;
  const reason = error === null ? null : error.detail[language];
  return { cells, row: row ?? 0, id, externalId, status, url, code: error?.code ?? null, reason };
}
