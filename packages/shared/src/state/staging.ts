import type { WriteStream } from 'node:fs';
import type { Detail } from '@pixdock/contract/messages/detail';
import type { ImageArrival } from './folder-staging/arrival.js';
import type { LocalFile } from './folder-staging/local-file.js';
import type { Outputs } from './folder-staging/outputs.js';
import type { SharedOrigin, SourceArrival } from './folder-staging/source-arrival.js';
import type { StagedUploads } from './folder-staging/staged-uploads.js';
import type { BytesByUse, UsageCounter } from './folder-staging/usage-counter.js';
import type { ListedOutcome, StagedLists } from './folder-staging/walk.js';
import type { Entry } from './images/entry.js';
import type { ImageRecord } from './images/image-record.js';
import type { Origin } from './images/origin.js';
import type { Reviews } from './reviews.js';
import type { StagingSpace } from './space.js';
import type { StagedBatches } from './staged/staged-batches.js';
import type { StagingPlace } from './staging-id.js';
import type { DirectUploads } from './uploads/direct-uploads.js';

/** What staging may have of an image; `image` is all of it except marks and outcome. */
type StagedPart = 'image' | 'submission' | 'output' | 'outcome' | 'deletion' | 'kept';

/** A staging that may not exist; none of this creates it. */
export interface UnopenedStaging extends StagingPlace {
  exists(): Promise<boolean>;
  bytesByUse(): Promise<BytesByUse>;
  openUsageCounter(): UsageCounter;
  /** What is full below staging, by what, and what the operator does; null while submissions find space. */
  findFull(space: StagingSpace): Promise<Detail | null>;
}

/** Each part has the outcomes of the images whose ids begin with this digit. */
export const OUTCOME_PARTS: readonly string[] = '0123456789abcdef'.split('');

/** The outcome of an image, found in a list. */
export interface StagedOutcome extends Pick<ListedOutcome, 'id' | 'writtenAt'> {
  /** The outcome alone: a retry, or a requested deletion, may be later. Null if it is gone. */
  entry: () => Promise<Entry | null>;
}

/** The temporary storage of images and batches that are in progress, and the journal of those that are final. */
export interface Staging extends UnopenedStaging, Omit<StagedLists, 'outcomes'> {
  batches: StagedBatches;
  uploads: StagedUploads;
  /** Null for a folder, to which clients cannot upload. */
  directUploads: DirectUploads | null;
  reviews: Reviews;
  outputs: Outputs;
  /** @param part one of OUTCOME_PARTS, by default all of them */
  outcomes(part?: string): AsyncGenerator<StagedOutcome>;
  /** Ids of images that are in progress or final, each once. */
  ids(): AsyncGenerator<string>;
  openArrival(id: string): Promise<ImageArrival & { stream: WriteStream }>;
  /** Begins the submission of an image whose source is the resumable upload with this id. */
  openUploadedArrival(id: string, uploadId: string): Promise<ImageArrival & { stream: null }>;
  /** Begins the submission of an image whose source a worker fetches later. `commit` throws PixdockError not_found if a direct upload is gone. */
  openUnfetchedArrival(id: string): ImageArrival & { stream: null };
  /** The newest entry of an image: its outcome, its submission, or its line in its batch; null without any of them. */
  entry(id: string): Promise<Entry | null>;
  /**
   * The entry of an image or a batch that an earlier request with the same Idempotency-Key has staged; null without one. It stays, also if
   * that request was refused.
   */
  adopt(id: string): Promise<Pick<Entry, 'idempotency'> | null>;
  /** The image's own entry: null for an item of a batch to which nothing has happened. */
  ownEntry(id: string): Promise<Entry | null>;
  /** Begins to bring the source of an image from `from`. @param maxBytes of an entry of a ZIP archive */
  openSourceArrival(
    record: ImageRecord,
    from: Origin | SharedOrigin,
    maxBytes: number,
  ): Promise<SourceArrival>;
  openSource(id: string): Promise<LocalFile>;
  /** Whether the source is in staging, and complete and unchanged. Afterwards `openSource` has it. */
  isSourceWhole(image: {
    id: string;
    source: Pick<ImageRecord['source'], 'bytes' | 'sha256'>;
  }): Promise<boolean>;
  /** Whether staging has the source of an image itself, apart from its origin. May be cheaper than `isSourceWhole`. */
  hasOwnSource: Staging['isSourceWhole'];
  /** The origin of the source; null if the submission contained the source, or the origin is lost. */
  origin(record: ImageRecord): Promise<Origin | null>;
  /** Whether the source is in staging or can be fetched again. */
  hasSource(record: ImageRecord): Promise<boolean>;
  /** Records a new run durably; false if a deletion removes the image's files at this moment. */
  resubmit(record: ImageRecord): Promise<boolean>;
  /**
   * Writes the outcome of a settled image, and removes the image's files except those that a failed image needs for `retry`. Of a deleted image
   * it also removes the resumable upload or the row that the image was made of.
   */
  writeOutcome(record: ImageRecord): Promise<void>;
  /** Records durably that an image is to be deleted. */
  requestDelete(id: string): Promise<void>;
  /** Records durably that an image is kept, although its entry has a deletion time. */
  keep(id: string): Promise<void>;
  /** Removes the request to delete an image. */
  dropDeletion(id: string): Promise<void>;
  /** Removes all files of an image except a request to delete it, which needs none of them. */
  forget(id: string): Promise<void>;
  has(id: string, part: StagedPart): Promise<boolean>;
  /** When a part of an image was written, in ms; null without this part. */
  writtenAt(id: string, part: StagedPart): Promise<number | null>;
  /** Whether nothing was written to the files of an image for `ms`. */
  isIdle(id: string, ms: number): Promise<boolean>;
  /** Bytes of the files of an image, which `dropFiles` frees. */
  bytesOf(id: string): Promise<number>;
  /** Removes the submission, the source and the rendered variants of an image. */
  dropFiles(id: string): Promise<void>;
}
