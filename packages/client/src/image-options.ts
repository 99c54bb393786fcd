import type { AiLabelFilter } from '@pixdock/contract/ai-label';
import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Image } from '@pixdock/contract/image';
import type { Status } from '@pixdock/contract/status';
import type { Warnings } from '@pixdock/contract/submission-options';
import type { CallOptions } from './call-options.js';
import type { UploadProgress } from './http/body.js';

/** Options of an image. */
export interface SubmitOptions extends CallOptions {
  /** The profile. Default `default`. */
  profile?: string | undefined;
  /** Your own id, up to 256 characters. */
  externalId?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
  /** Hex SHA-256 of the source; the server rejects a source with another one. */
  sha256?: string | undefined;
  /** Seconds from the submission to the deletion of the image, unless you keep it; at most 365 days. */
  deleteAfterSeconds?: number | undefined;
  /** Deletes your older images with the same `externalId` once the image is published. */
  replace?: boolean | undefined;
  /** Gets the events of the image. It has the scheme, host and port of one of your webhook endpoints. */
  webhookUrl?: string | undefined;
  /** Submissions with the same key create one image. Generated if the body is repeatable. */
  idempotencyKey?: string | undefined;
  /** Seconds to wait for the final image before the response; at most 60. */
  wait?: number | undefined;
}

/** Options of an upload. */
export interface UploadOptions extends SubmitOptions {
  /** Stored with the image. The upload is then a form, which costs the server slightly more. */
  filename?: string | undefined;
  /** Called while the bytes are sent, last with all of them. A retry begins at 0 again. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/** Options of an import by URL. */
export interface ImportOptions extends SubmitOptions {
  /** Headers for the source: Accept, Accept-Language, Authorization, Referer and User-Agent are allowed. */
  headers?: Readonly<Record<string, string>> | undefined;
}

export interface SignOptions extends ContentOptions {
  /** Default 600, at most 604800. */
  expiresInSeconds?: number | undefined;
}

/** Options of the picture of a held image. */
export interface ContentOptions extends CallOptions {
  /** Default `main`. */
  variant?: string | undefined;
}

/** A filter for images; all conditions must match. */
export interface ImageFilter extends CallOptions {
  status?: Status | undefined;
  /** Only held images, which wait for a decision by a person, the longest held first. Needs the scope `review`. */
  stage?: 'reviewing' | undefined;
  batchId?: string | undefined;
  externalId?: string | undefined;
  /** The beginning of the externalId, in upper or lower case. The images come in the order of their externalId unless `batchId` is given. */
  externalIdPrefix?: string | undefined;
  /** The beginning of the file name, in upper or lower case. The images come in the order of their file names unless `batchId` is given. */
  filenamePrefix?: string | undefined;
  /** Values by key. The server has each key in METADATA_INDEX, and finds images submitted since. */
  metadata?: Readonly<Record<string, string>> | undefined;
  /** The label of AI-generated content that the source has, or `any`. */
  aiLabel?: AiLabelFilter | undefined;
  /** Only images that failed or were canceled with this code. */
  code?: ErrorCode | undefined;
  /** Only images created since this time, ISO 8601. */
  since?: string | undefined;
  /** Only images created before this time, ISO 8601. */
  until?: string | undefined;
}

/** The response to a submission. */
export type SubmittedImage = Image & {
  /** Parts of the submission that had no effect, such as form fields that are not options. */
  warnings?: Warnings;
};
