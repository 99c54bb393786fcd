import type { AiLabelFilter } from '@pixdock/contract/ai-label';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Status } from '@pixdock/contract/status';
import type { RecordKeys } from '../record-keys.js';
import type { ImageRecord } from './image-record.js';

export interface ImageFilter {
  status?: Status | undefined;
  batchId?: string | undefined;
  externalId?: string | undefined;
  aiLabel?: AiLabelFilter | undefined;
  /** The code of the image's error. */
  code?: ErrorCode | undefined;
  /** Creation, in ms. */
  sinceMs?: number | undefined;
  /** Creation before this time, in ms. */
  untilMs?: number | undefined;
}

/** The narrowest index of an owner's images that the filter allows. */
export function narrowestIndex(keys: RecordKeys, owner: string, filter: ImageFilter): string {
  if (filter.externalId !== undefined) return keys.ofExternalId(owner, filter.externalId);
  if (filter.batchId !== undefined) return keys.ofBatch(filter.batchId);
  if (filter.code !== undefined) return keys.ofCode(owner, filter.code);
  if (filter.aiLabel !== undefined) return keys.ofAiLabels(owner);
  return filter.status === undefined ? keys.ofOwner(owner) : keys.ofStatus(owner, filter.status);
}

/** Whether no image can match, so that a page would read thousands of entries for nothing. */
export function excludesAll({
  status,
  code,
  sinceMs = 0,
  untilMs = Number.POSITIVE_INFINITY,
}: ImageFilter): boolean {
  if (sinceMs >= untilMs) return true;
  if (status === undefined || code === undefined || status === 'deleted') return false;
  return status !== statusOf(code);
}

/** The status of images with an error code. A deleted image keeps its error. */
export const statusOf = (code: ErrorCode): Status => (code === 'canceled' ? 'canceled' : 'failed');

export function matchesFilter(record: ImageRecord, filter: ImageFilter): boolean {
  if (filter.status !== undefined && record.status !== filter.status) return false;
  if (filter.externalId !== undefined && record.externalId !== filter.externalId) return false;
  if (!hasLabel(record, filter.aiLabel)) return false;
  if (filter.code !== undefined && record.error?.code !== filter.code) return false;
  if (!isCreatedWithin(Date.parse(record.createdAt), filter)) return false;
  return filter.batchId === undefined || record.batchId === filter.batchId;
}

export function isCreatedWithin(
  createdMs: number,
  { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY }: Pick<ImageFilter, 'sinceMs' | 'untilMs'>,
): boolean {
  return createdMs >= sinceMs && createdMs < untilMs;
}

/** Whether the image's source has the wanted label; true without a wanted label. */
function hasLabel({ receipt }: ImageRecord, wanted: AiLabelFilter | undefined): boolean {
  if (wanted === undefined) return true;
  const label = receipt?.aiLabel?.label;
  return wanted === 'any' ? label !== undefined : label === wanted;
}
