import type { AiLabelFilter } from '@pixdock/contract/ai-label';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { isDeletedStatus, type Status } from '@pixdock/contract/status';
import { decodeCursor } from '../lists/cursor.js';
import type { Span } from '../lists/order.js';
import type { RecordKeys } from '../record-keys.js';
import { type ImageRecord, isHeld } from './image-record.js';
import { beginsWith, decodeName, type NameSearch } from './names.js';

/** `sinceMs` and `untilMs` are those of the creation. */
export interface ImageFilter extends Span {
  status?: Status | undefined;
  /** Only held images. */
  isHeld?: boolean | undefined;
  batchId?: string | undefined;
  externalId?: string | undefined;
  /** In upper or lower case. */
  externalIdPrefix?: string | undefined;
  /** In upper or lower case. */
  filenamePrefix?: string | undefined;
  /** Values by key; the images were submitted while each key was in METADATA_INDEX. */
  metadata?: Readonly<Record<string, string>> | undefined;
  aiLabel?: AiLabelFilter | undefined;
  /** The code of the image's error. */
  code?: ErrorCode | undefined;
}

/** The search by a name that a filter asks for; null if the list is by time. */
export function nameSearchOf(filter: ImageFilter): NameSearch | null {
  const { externalId, externalIdPrefix, filenamePrefix, batchId } = filter;
  if (externalId !== undefined || batchId !== undefined || filter.isHeld === true) return null;
  if (externalIdPrefix !== undefined) return { kind: 'externalId', prefix: externalIdPrefix };
  return filenamePrefix === undefined ? null : { kind: 'filename', prefix: filenamePrefix };
}

/** Whether a page of the filtered list can have had this cursor. */
export function isCursorOf(filter: ImageFilter, cursor: string): boolean {
  const search = nameSearchOf(filter);
  return (search === null ? decodeCursor(cursor) : decodeName(search, cursor)) !== null;
}

/** The narrowest index by time that the filter allows: of an owner's images, or of the held ones of all owners. */
export function narrowestIndex(keys: RecordKeys, owner: string | null, filter: ImageFilter): string {
  if (owner === null) return keys.held;
  if (filter.isHeld === true) return keys.ofHeld(owner);
  if (filter.externalId !== undefined) return keys.ofExternalId(owner, filter.externalId);
  if (filter.batchId !== undefined) return keys.ofBatch(filter.batchId);
  const [value] = Object.entries(filter.metadata ?? {});
  if (value !== undefined) return keys.ofMetadata(owner, ...value);
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
  if (status === undefined || code === undefined || isDeletedStatus(status)) return false;
  return status !== statusOf(code);
}

/** The status of images with an error code. A deleted image keeps its error. */
export const statusOf = (code: ErrorCode): Status => (code === 'canceled' ? 'canceled' : 'failed');

export function matchesFilter(record: ImageRecord, filter: ImageFilter): boolean {
  if (filter.status !== undefined && record.status !== filter.status) return false;
  if (filter.isHeld === true && !isHeld(record)) return false;
  if (filter.externalId !== undefined && record.externalId !== filter.externalId) return false;
  if (!beginsWith(record.externalId, filter.externalIdPrefix)) return false;
  if (!beginsWith(record.source.filename, filter.filenamePrefix)) return false;
  if (!hasMetadata(record, filter.metadata)) return false;
  if (!hasLabel(record, filter.aiLabel)) return false;
  if (filter.code !== undefined && record.error?.code !== filter.code) return false;
  if (!isCreatedWithin(Date.parse(record.createdAt), filter)) return false;
  return filter.batchId === undefined || record.batchId === filter.batchId;
}

export function isCreatedWithin(
  createdMs: number,
  { sinceMs = 0, untilMs = Number.POSITIVE_INFINITY }: Span,
): boolean {
  return createdMs >= sinceMs && createdMs < untilMs;
}

const hasMetadata = ({ metadata }: ImageRecord, wanted: ImageFilter['metadata'] = {}) =>
  Object.entries(wanted).every(([key, value]) => metadata[key] === value);

/** Whether the image's source has the wanted label; true without a wanted label. */
function hasLabel({ receipt }: ImageRecord, wanted: AiLabelFilter | undefined): boolean {
  if (wanted === undefined) return true;
  const label = receipt?.aiLabel?.label;
  return wanted === 'any' ? label !== undefined : label === wanted;
}
