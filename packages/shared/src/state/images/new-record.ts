import { shownUrl } from '@pixdock/contract/source-url';
import { isoTime } from '../../runtime/clock.js';
import type { WebhookTarget } from '../webhooks/webhook-target.js';
import { type ImageRecord, newInternal, type RecordIn } from './image-record.js';

export type Source = ImageRecord['source'];

/** A submission. */
export interface NewImage {
  id: string;
  owner: string;
  profile: string;
  externalId: string | null;
  metadata: Record<string, string>;
  source: Pick<Source, 'kind' | 'url' | 'filename' | 'bytes' | 'sha256' | 'mediaType'>;
  declaredType: string | null;
  /** The digest that the caller expects of a source that is still to be fetched. */
  expectedSha256: string | null;
  createdAt?: string;
  deleteAfterSeconds?: number | null;
  replace?: boolean;
  /** The id of the upload token that submits it. */
  uploadToken?: string | null;
  /** The keys by which images are found by their metadata. */
  metadataIndex?: readonly string[];
  /** Gets its events beside the endpoints of the owner. */
  webhook?: WebhookTarget | null;
}

/** The first record of a submission. */
export function newRecord({
  source,
  declaredType,
  expectedSha256,
  uploadToken = null,
  metadataIndex = [],
  webhook = null,
  deleteAfterSeconds = null,
  replace = false,
  ...image
}: NewImage): RecordIn<'queued'> {
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
    position: null,
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
    lastError: null,
    nextAttemptAt: null,
    reusedId: null,
    deleteAt: deleteAfterSeconds === null ? null : isoTime(Date.parse(createdAt) + deleteAfterSeconds * 1000),
    internal: {
      ...newInternal(declaredType),
      expectedSha256,
      uploadToken,
      replaces: replace && image.externalId !== null ? 'later' : null,
      metadataIndex: metadataIndex.filter((key) => Object.hasOwn(image.metadata, key)),
      webhook,
    },
  };
}

/** A source that is still to be fetched: from a URL, or from a file of its batch. */
export const unfetched = (kind: Source['kind'], filename: string | null, url: string | null = null) =>
  ({
    kind,
    url: url === null ? null : shownUrl(url),
    filename,
    bytes: null,
    sha256: null,
    mediaType: null,
  }) satisfies NewImage['source'];
