import { createHash } from 'node:crypto';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import { type BodyLimits, requestBody } from '../body/receive.js';
import type { ApiContext } from '../http/env.js';
import { invalid } from '../http/invalid.js';
import { type BatchFormat, batchFormatOf } from './batch-format.js';
import { type Collector, openCollector, type RowFault } from './collector.js';
import { bodyTooLarge, type CountedBody, countBody } from './counted-body.js';
import { openCsv } from './csv.js';
import type { Mapping } from './csv-columns.js';
import { givenEncoding } from './csv-encoding.js';
import { receiveFiles } from './files.js';
import { jsonRows } from './json.js';
import { ndjsonRows } from './ndjson.js';
import { parseQuery } from './query.js';
import { type ItemRules, toItem } from './to-item.js';
import type { UncheckedRow } from './unchecked-row.js';
import { receiveZip } from './zip.js';

export interface BatchLimits extends BodyLimits {
  maxBatchItems: number;
  maxBatchBytes: number;
}

/** A batch whose items have all been added. */
export interface ReceivedBatch {
  profile: string;
  /** Names of the caller's own columns. */
  columns: string[];
  total: number;
  invalid: number;
  /** The first 100. */
  faults: RowFault[];
  /** What it takes of staging. */
  stagedBytes: number;
  /** Hex; the same for the same input and options. */
  digest: string;
}

/** Refuses what the headers alone decide, so that nothing has to be sent. */
export function checkBatchHeaders(c: ApiContext, limits: BatchLimits): void {
  const contentType = c.req.header('Content-Type');
  if (batchFormatOf(contentType) === 'csv') givenEncoding(contentType ?? '');
  const length = c.req.header('Content-Length');
  if (length !== undefined && Number(length) > limits.maxBatchBytes) throw bodyTooLarge(limits.maxBatchBytes);
}

/**
 * Streams the body of a batch into `arrival`: each row or file an item, in their order. A row that is wrong becomes an
 * item that has failed.
 * @param reservation reserves space for the staged bytes; throws when staging is full
 * @throws PixdockError for what is wrong with the body as a whole; the caller discards the arrival then
 */
export async function receiveItems(
  c: ApiContext,
  arrival: BatchArrival,
  limits: BatchLimits,
  reservation: { growTo(stagedBytes: number): Promise<void> },
): Promise<ReceivedBatch> {
  checkBatchHeaders(c, limits);
  const contentType = c.req.header('Content-Type') ?? '';
  const form = batchFormatOf(contentType);
  const { profile, mapping } = parseQuery(c, form === 'csv', limits.profiles);
  const body = countBody(requestBody(c), limits.maxBatchBytes, grow);
  const collector = openCollector(arrival, limits, () => body.bytes(), grow);
  const content = await receiveContent();
  const account = collector.account();
  if (account.total === 0) throw invalid('batch-empty');
  const { columns } = content;
  const digest = createHash('sha256').update(JSON.stringify([profile, content, arrival.digest()]));
  return { profile, columns, ...account, stagedBytes: stagedBytes(), digest: digest.digest('hex') };

  /** Of rows only the items are kept. */
  function stagedBytes(): number {
    return arrival.bytes() + (form === 'zip' || form === 'files' ? body.bytes() : 0);
  }

  function grow(): Promise<void> {
    return reservation.growTo(stagedBytes());
  }

  /** The columns, and for files the digest of their bytes, which the items do not have. */
  async function receiveContent(): Promise<{ columns: string[]; sha256: string | null }> {
    if (form === 'zip') {
      const files = { archive: arrival.archive, profile, maxEntryBytes: limits.maxUploadBytes };
      return { columns: ['file'], sha256: await receiveZip(body.chunks, files, collector) };
    }
    if (form === 'files') {
      const files = { arrival, profile, maxFileBytes: limits.maxUploadBytes };
      return { columns: ['file'], sha256: await receiveFiles(body.chunks, contentType, files, collector) };
    }
    const rows = await openRows(form, body, contentType, mapping);
    const rules = {
      profile,
      profiles: limits.profiles,
      takesHeaders: (headers: Record<string, string>) => arrival.takesHeaders(headers),
    };
    await addRows(rows.drafts, rules, collector);
    return { columns: rows.columns, sha256: null };
  }
}

async function openRows(
  form: BatchFormat,
  { chunks }: CountedBody,
  contentType: string,
  mapping: Mapping,
): Promise<{ columns: string[]; drafts: AsyncIterable<UncheckedRow> }> {
  if (form === 'csv') return openCsv(chunks, contentType, mapping);
  return { columns: ['source'], drafts: form === 'json' ? jsonRows(chunks) : ndjsonRows(chunks) };
}

async function addRows(
  drafts: AsyncIterable<UncheckedRow>,
  rules: ItemRules,
  collector: Collector,
): Promise<void> {
  for await (const draft of drafts) {
    if (isSliceOver()) await nextSlice();
    const { item, fault } = toItem(draft, rules);
    await collector.add(item, fault?.field ?? null);
  }
}
