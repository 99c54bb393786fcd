import type { ErrorCode } from '@pixdock/contract/error-table';
import { fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { isDeletedStatus } from '@pixdock/contract/status';
import type { ItemFilter } from '@pixdock/shared/state/batches/batch-items';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { ManifestItem } from '@pixdock/shared/state/batches/manifest-item';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { sayStoredError } from '@pixdock/shared/state/images/stored-error';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import { say } from '../messages/reports.js';
import { type BatchParts, matches } from '../read-batch.js';

/** Rows built at a time. */
const ITEMS_AT_ONCE = 256;
/** Records read in one round trip to Redis: parsing them takes about 3 ms without a pause. */
const RECORDS_AT_ONCE = 64;
/**
 * Text built at a time. A report whose client stalls holds two or three times this, and an owner has at most MAX_READS open
 * reports.
 */
const TEXT_AT_ONCE = 256 * 1024;
/** Memory of a cell besides its text, so that empty cells count too. */
const CELL_BYTES = 8;

/** The outcome of one item. */
export interface ReportRow {
  /** The caller's own columns. */
  cells: string[];
  /** Null for a deleted item. */
  row: number | null;
  id: string;
  externalId: string | null;
  status: ImageRecord['status'];
  url: string | null;
  /** The URLs of all variants. */
  variants: Record<string, { url: string | null }>;
  code: string | null;
  reason: string | null;
  /** The name of the column at fault, or of its field; as in the reason. */
  faultColumn: string | null;
  /** How the caller can repair it. */
  fix: string | null;
  /** The label of AI-generated content that the source has. */
  aiLabel: string | null;
  /** The image that the item has become, whose URLs these are. */
  reusedId: string | null;
  /** Which image of its row it is, from 1; null for a row that is invalid as a whole. */
  position: number | null;
  source: Pick<ImageRecord['source'], 'url'>;
  /** What else the item was submitted with. */
  submitted: Pick<ImageRecord, 'profile' | 'metadata'> & Pick<ManifestItem, 'deleteAfterSeconds'>;
}

/** Yields the items of a batch in order, in groups: all, or those that match the filter. */
export async function* reportRows(
  deps: BatchParts,
  state: BatchState,
  manifest: Manifest,
  { language, filter = null }: { language: Language; filter?: ItemFilter | null },
): AsyncGenerator<ReportRow[]> {
  const { columns } = manifest.entry;
  // Each line of NDJSON repeats the names.
  const lengthOfNames = lengthOf(columns);
  let some: PlacedItem[] = [];
  let length = 0;
  let last: PlacedItem | null = null;
  for await (const { place, item, cells } of manifest.itemsWithCells(0)) {
    const ofRow: number = last?.row === item.row ? last.ofRow + 1 : 1;
    if (last !== null && ofRow > 1) last.hasOthers = true;
    if (some.length >= ITEMS_AT_ONCE || length >= TEXT_AT_ONCE) {
      yield await read(some);
      some = [];
      length = 0;
    }
    const { row, deleteAfterSeconds } = item;
    last = { place, row, deleteAfterSeconds, cells, ofRow, hasOthers: ofRow > 1 };
    some.push(last);
    length += lengthOfNames + lengthOf(cells);
  }
  yield await read(some);

  async function read(items: PlacedItem[]): Promise<ReportRow[]> {
    const places = items.map(({ place }) => place);
    const records: ImageRecord[] = [];
    for (let at = 0; at < places.length; at += RECORDS_AT_ONCE)
      records.push(...(await deps.images.ofBatch(state, manifest, places.slice(at, at + RECORDS_AT_ONCE))));
    return records.flatMap((record, i) => (matches(record, filter) ? toRow(record, items[i], language) : []));
  }
}

interface PlacedItem extends Pick<ManifestItem, 'row' | 'deleteAfterSeconds'> {
  place: number;
  cells: string[];
  /** Number of the URL in its row, from 1. */
  ofRow: number;
  hasOthers: boolean;
}

const lengthOf = (cells: readonly string[]) => cells.reduce((sum, cell) => sum + CELL_BYTES + cell.length, 0);

function toRow(record: ImageRecord, placed: PlacedItem | undefined, language: Language): ReportRow {
  const { id, row, externalId, status, url, variants: all, error, receipt } = record;
  const { profile, metadata, reusedId } = record;
  const variants = Object.fromEntries(
    Object.entries(all).map(([name, variant]) => [name, { url: variant.url }]),
  );
  const fix = error === null ? null : fixOfRow(error.code, language);
  const sentence = error === null ? null : sayStoredError(error, language);
  const imageOfRow = record.source.kind === 'upload' ? 'picture-of-row' : 'url-of-row';
  const reason =
    sentence !== null && placed?.hasOthers === true
      ? say(language, imageOfRow, { number: placed.ofRow, reason: sentence })
      : sentence;
  // Other images of the row may keep it.
  const cells = isDeletedStatus(status) ? [] : (placed?.cells ?? []);
  const aiLabel = receipt?.aiLabel?.label ?? null;
  const code = error?.code ?? null;
  const named = error?.params['column'] ?? error?.params['field'];
  const faultColumn = typeof named === 'string' ? named : null;
  // Once corrected, such a row may have several URLs; with a position, only one of them would be submitted again.
  const position = code === 'invalid_row' && placed?.hasOthers !== true ? null : record.position;
  const source = { url: record.source.url };
  const ofError = { code, reason, faultColumn, fix };
  const submitted = { profile, metadata, deleteAfterSeconds: placed?.deleteAfterSeconds ?? null };
  return {
    cells,
    row,
    id,
    externalId,
    status,
    url,
    variants,
    ...ofError,
    aiLabel,
    reusedId,
    position,
    source,
    submitted,
  };
}

function fixOfRow(code: ErrorCode, language: Language): string {
  return code === 'invalid_row' ? say(language, 'correct-row') : sayDetail(language, fixOf(code));
}
