import type { VariantResult } from '@pixdock/contract/image';
import type { Placeholder, Receipt } from '@pixdock/contract/receipt';
import { type AttemptId, isCurrent } from './attempt-transitions.js';
import type { ImageRecord } from './image-record.js';
import type { StoredError } from './stored-error.js';
import { endNow, enter } from './transition-parts.js';

export interface Publication {
  width: number;
  height: number;
  frames: number;
  variants: Record<string, VariantResult>;
  placeholder: Placeholder;
  receipt: Receipt;
}

/** Publishes the image: all of its variants are in OSS, and verified. */
export function publish(
  record: ImageRecord,
  attemptId: AttemptId,
  { width, height, frames, variants, placeholder, receipt }: Publication,
  retentionMs: number,
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  return {
    ...enter(record, 'published'),
    ...endNow(record, retentionMs),
    status: 'published',
    source: { ...record.source, width, height, frames },
    url: variants.main?.url ?? null,
    variants,
    placeholder,
    receipt,
    error: null,
    internal: { ...record.internal, ...RUN_ENDED },
  };
}

/**
 * Makes an item the image that its owner has of the same URL or bytes. The objects stay those of that image alone.
 * @param image a published one
 * @param filename name of the item's own source
 * @param validator of a source that was fetched; null if its host said that it is unchanged
 * @param leftKeys keys of objects of the item's own that could not be removed
 */
export function reuse(
  record: ImageRecord,
  attemptId: AttemptId,
  {
    image,
    filename,
    validator,
  }: {
    image: ImageRecord;
    filename: string | null;
    validator: ImageRecord['internal']['validator'];
  },
  leftKeys: string[],
  retentionMs: number,
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  const { kind, url: sourceUrl } = record.source;
  const { url, variants, placeholder, receipt } = image;
  return {
    ...enter(record, 'published'),
    ...endNow(record, retentionMs),
    status: 'published',
    source: { ...image.source, kind, url: sourceUrl, filename },
    url,
    variants,
    placeholder,
    receipt,
    error: null,
    reusedId: image.id,
    internal: { ...record.internal, ...RUN_ENDED, keys: stillKnown(record, leftKeys), validator },
  };
}

/** Ends the run with a fault of the image or its source. */
export function fail(
  record: ImageRecord,
  attemptId: AttemptId,
  error: StoredError,
  /** Keys whose objects could not be removed. */
  leftKeys: string[],
  retentionMs: number,
): ImageRecord | null {
  if (!isCurrent(record, attemptId)) return null;
  return {
    ...record,
    ...endNow(record, retentionMs),
    status: 'failed',
    error,
    internal: { ...record.internal, ...RUN_ENDED, keys: stillKnown(record, leftKeys) },
  };
}

/** Records keys that an attempt may have written after another attempt failed the image. */
export function noteKeys(record: ImageRecord, run: number, keys: readonly string[]): ImageRecord | null {
  const all = new Set([...record.internal.keys, ...keys]);
  const isNew = all.size > record.internal.keys.length;
  if (record.status !== 'failed' || record.run !== run || !isNew) return null;
  return { ...record, internal: { ...record.internal, keys: [...all] } };
}

/** Of a put without a response the keys stay: its object may still appear, and a deletion must find it. */
const stillKnown = ({ internal }: ImageRecord, leftKeys: readonly string[]) => [
  ...new Set([...leftKeys, ...(internal.unansweredPutAt === null ? [] : internal.keys)]),
];

const RUN_ENDED = { attemptToken: null, delayedSince: null, deaths: 0, fetches: 0 };
