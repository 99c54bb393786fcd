import { createHash } from 'node:crypto';
import type { BatchFormat, Reuse } from '@pixdock/contract/batch';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { printable } from '@pixdock/contract/messages/values';
import { shownUrl } from '@pixdock/contract/source-url';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import type { BatchEntry } from '@pixdock/shared/state/batches/batch-entry';
import { BLOCK_BYTES } from '@pixdock/shared/state/files/disk-bytes';
import type { BatchArrival } from '@pixdock/shared/state/folder-staging/batch-arrival';
import { invalid } from '../http/invalid.js';
import type { Warning } from '../http/warnings.js';
import { batchFormatOf, detectWorkbook } from './batch-format.js';
import { type BatchLimits, type BatchOptions, parseReuse } from './batch-options.js';
import { type Collector, type ItemCounter, openCollector, type ReportedFault } from './collector.js';
import { countBody } from './counted-body.js';
import { openCsv } from './csv.js';
import type { Mapping } from './csv-columns.js';
import { receiveFiles } from './files.js';
import { openJson } from './json.js';
import { ndjsonItems } from './ndjson.js';
import { openSuspiciousRows } from './suspicious-rows.js';
import { type ItemRules, toItem } from './to-item.js';
import type { OpenedItems, UncheckedItem } from './unchecked-item.js';
import { openWorkbook } from './workbook/workbook.js';
import { receiveArchive, receiveZip } from './zip.js';

/** A batch after all its items were added. */
export interface ReceivedBatch {
  /** The part of its entry that the body and its options decide. */
  facts: Omit<
    BatchEntry,
    'id' | 'owner' | 'secret' | 'createdAt' | 'retentionMs' | 'metadataIndex' | 'idempotency' | 'webhook'
  >;
  /** Whether the sheet is a report of ours, as a rule corrected. */
  isReport: boolean;
  /** The first 1000. */
  faults: ReportedFault[];
  /** Bytes of the disk, with those of files and without those of the entry. */
  stagedBytes: number;
  warnings: readonly Warning[];
  /** SHA-256 in hex; equal for equal input and options. */
  fingerprint: string;
}

/** Two folders, tables, and a block that each of items, cells and index leaves unused at most. */
const EMPTY_BYTES = 6 * BLOCK_BYTES;

/** The body of a batch. Disposal closes it. */
export interface BatchBody extends AsyncDisposable {
  chunks: AsyncIterable<Buffer>;
  /** The path of a file in staging with these bytes; null for a request body. */
  path: string | null;
}

/**
 * Streams the body of a batch into `arrival`: an item for each row or file, in order. An invalid row becomes a failed item.
 * @param reservation reserves space for the staged bytes; throws when staging is full
 * @param counter counts each item against the owner's limits
 * @throws PixdockError if the body as a whole is invalid; the caller then discards the arrival
 */
export async function receiveItems(
  options: BatchOptions,
  { chunks, path }: Pick<BatchBody, 'chunks' | 'path'>,
  arrival: BatchArrival,
  limits: BatchLimits,
  reservation: { growTo(stagedBytes: number): Promise<void> },
  counter: ItemCounter | null = null,
): Promise<ReceivedBatch> {
  const { contentType, profile, mapping, sheet, webhookUrl, deleteAfterSeconds, replace } = options;
  const isDryRun = limits.isDryRun === true;
  let format = batchFormatOf(contentType);
  const body = countBody(chunks, limits.maxBatchBytes, grow);
  const { isWorkbook, chunks: content } = await detectWorkbook(body.chunks);
  if (isWorkbook && format !== 'files') format = 'workbook';
  const collector = openCollector(arrival, { ...limits, deleteAfterSeconds }, body.bytes, grow, counter);
  const received = await receiveContent();
  const { columns, sha256, workbook = null, encoding = 'utf-8', delimiter = ',' } = received;
  const reuse = reuseOf(options.reuse, received.reuse ?? null);
  if (replace && reuse.length > 0) throw invalid('replace-with-reuse');
  const { faults, ...counts } = collector.tally();
  if (counts.total === 0) throw invalid('batch-empty');
  const name = options.name ?? options.filename ?? received.filename ?? null;
  // Fingerprints outlive a deployment.
  const added: unknown[] = [
    ...(webhookUrl === null ? [] : [webhookUrl]),
    ...(options.name === null ? [] : [{ name: options.name }]),
    ...(reuse.length > 0 ? [{ reuse }] : []),
    ...(replace ? [{ replace }] : []),
  ];
  return {
    facts: { name, format, profile, ...counts, columns, workbook, encoding, delimiter, reuse, replace },
    isReport: received.isReport ?? false,
    faults,
    stagedBytes: stagedBytes(),
    warnings: received.warnings,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([profile, { columns, sha256 }, arrival.digest(), ...added]))
      .digest('hex'),
  };

  /** Files stay in staging with their items, unlike the bytes of rows. A file that is already in staging adds no bytes. */
  function stagedBytes(): number {
    const hasFiles = path === null && ['zip', 'files', 'workbook'].includes(format);
    const partialBlocks = format === 'files' ? arrival.total() * BLOCK_BYTES : 0;
    return EMPTY_BYTES + arrival.bytes() + partialBlocks + (hasFiles ? body.bytes() : 0);
  }

  function grow(): Promise<void> {
    return reservation.growTo(stagedBytes());
  }

  async function receiveContent(): Promise<Content> {
    const { archive } = arrival;
    const maxEntryBytes = limits.maxUploadBytes;
    if (format === 'zip') {
      const zip = { archive, path, profile, maxEntryBytes, isDryRun };
      return { columns: ['file'], sha256: await receiveZip(content, zip, collector), warnings: [] };
    }
    if (format === 'files') {
      const files = { arrival, profile, maxFileBytes: maxEntryBytes };
      const { workbook: inForm, ...all } = await receiveFiles(content, contentType, files, collector);
      if (inForm === null) return { columns: ['file'], ...all };
      format = 'workbook';
      return { ...(await addWorkbook(inForm.sha256)), filename: inForm.filename, reuse: all.reuse };
    }
    if (format === 'workbook') {
      if (!isWorkbook)
        throw new PixdockError('unsupported_media_type', detailOf(NOT_A_WORKBOOK(contentType)));
      return addWorkbook(await receiveArchive(content, path, archive));
    }
    if (sheet !== null) throw invalid('sheet-without-workbook');
    return addAll(await openItems(format, content, contentType, mapping), null);
  }

  async function addWorkbook(digest: string): Promise<Content> {
    const sheetOptions = { sheet, mapping, maxEntryBytes: limits.maxUploadBytes };
    return addAll(await openWorkbook(arrival.archive, sheetOptions), digest);
  }

  async function addAll(
    { items, facts, warnings, ...known }: OpenedItems,
    digest: string | null,
  ): Promise<Content> {
    const { profiles, forbiddenUrl } = limits;
    const takesHeaders = (headers: Record<string, string>) => arrival.takesHeaders(headers);
    const suspicious = isDryRun ? openSuspiciousRows() : null;
    await addItems(items, { profile, profiles, forbiddenUrl, takesHeaders }, collector, suspicious);
    return {
      ...known,
      ...facts(),
      sha256: digest,
      warnings: [...warnings, ...(suspicious?.warnings() ?? [])],
    };
  }
}

/** What the body itself says. */
interface Content extends Omit<OpenedItems, 'items' | 'facts'>, ReturnType<OpenedItems['facts']> {
  /** The digest of files, whose bytes the items do not contain. */
  sha256: string | null;
  /** Of a workbook in a form. */
  filename?: string | null;
}

const NOT_A_WORKBOOK = (contentType: string) =>
  /excel|sheet/i.test(contentType) ? 'not-a-workbook' : 'batch-type';

async function openItems(
  format: BatchFormat,
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  mapping: Mapping,
): Promise<OpenedItems> {
  if (format === 'csv') return openCsv(chunks, contentType, mapping);
  if (format === 'json') return openJson(chunks);
  return { columns: ['source'], items: ndjsonItems(chunks), warnings: [], facts: () => ({}) };
}

/** @param inBody the text of a form field or a member of JSON @throws PixdockError invalid_request */
function reuseOf(inQuery: Reuse[] | null, inBody: string | null): Reuse[] {
  if (inQuery !== null && inBody !== null) throw invalid('reuse-twice');
  return inQuery ?? (inBody === null ? [] : parseReuse(inBody));
}

async function addItems(
  items: AsyncIterable<UncheckedItem>,
  rules: ItemRules,
  collector: Collector,
  suspicious: ReturnType<typeof openSuspiciousRows> | null,
): Promise<void> {
  for await (const unchecked of items) {
    if (isSliceOver()) await nextSlice();
    const { item, fault } = toItem(unchecked, rules);
    suspicious?.note(unchecked, item);
    await collector.add(item, {
      field: fault?.field ?? null,
      url: fault === null ? null : shownUrlOf(unchecked),
    });
  }
}

/** The URL of an invalid row, without credentials; null without one. */
function shownUrlOf({ value }: UncheckedItem): string | null {
  const { url } = (value ?? {}) as { url?: unknown };
  if (typeof url !== 'string' || url.includes('@')) return null;
  return printable(/^https?:/i.test(url) && URL.canParse(url) ? shownUrl(url) : url);
}
