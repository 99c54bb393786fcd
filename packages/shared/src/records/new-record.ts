import { itemId } from '../batches/item-id.js';
import { isoTime } from '../clock.js';
import type { BatchEntry, ManifestItem } from '../contract/batch.js';
import type { ImageRecord } from '../contract/image.js';

type Source = ImageRecord['source'];

/** What an image is at its beginning. */
export interface NewImage {
  id: string;
  owner: string;
  profile: string;
  externalId: string | null;
  metadata: Record<string, string>;
  source: Pick<Source, 'kind' | 'filename' | 'bytes' | 'sha256' | 'mediaType'>;
  declaredType: string | null;
  /** That the caller says a source still to be fetched has. */
  expectedSha256: string | null;
  createdAt?: string;
}

/** The record of a submission at its beginning. */
export function newRecord({ source, declaredType, expectedSha256, ...image }: NewImage): ImageRecord {
  const createdAt = image.createdAt ?? isoTime();
  return {
    ...image,
    status: 'queued',
    stage: 'received',
    version: 1,
    run: 1,
    attempts: 0,
    batchId: null,
    row: null,
    createdAt,
    updatedAt: createdAt,
    finishedAt: null,
    expiresAt: null,
    deleteRequestedAt: null,
    source: { ...source, width: null, height: null, frames: null },
    url: null,
    variants: {},
    placeholder: null,
    receipt: null,
    timeline: [{ stage: 'received', at: createdAt }],
    error: null,
    internal: {
      declaredType,
      expectedSha256,
      holder: null,
      keys: [],
      keysLost: false,
      heldSince: null,
      deaths: 0,
      fetches: 0,
      item: null,
    },
  };
}

/** A source that is still to be fetched. */
export const unfetched = (kind: Source['kind'], filename: string | null) =>
  ({ kind, filename, bytes: null, sha256: null, mediaType: null }) satisfies NewImage['source'];

// A row at fault has no origin; only files have names before they are fetched.
function kindOf({ origin, filename }: ManifestItem): Source['kind'] {
  return origin?.kind === 'url' || (origin === null && filename === null) ? 'url' : 'upload';
}

/**
 * The record of a batch's item before anything happened to it.
 * @param version that of the batch when its record was last made: above 1, Redis lost what may have happened to it
 */
export function newItemRecord(
  batch: Pick<BatchEntry, 'id' | 'secret' | 'owner' | 'createdAt'>,
  place: number,
  item: ManifestItem,
  version: number,
): ImageRecord {
  const record = newRecord({
    id: itemId(batch, place),
    owner: batch.owner,
    profile: item.profile,
    externalId: item.externalId,
    metadata: item.metadata,
    source: unfetched(kindOf(item), item.filename),
    declaredType: item.declaredType,
    expectedSha256: item.sha256,
    createdAt: batch.createdAt,
  });
  return {
    ...record,
    version,
    batchId: batch.id,
    row: item.row,
    internal: { ...record.internal, item: place, keysLost: version > 1 },
  };
}
