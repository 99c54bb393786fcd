import type { ErrorCode } from '@pixdock/contract/error-table';
import { FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import type { Profile } from '@pixdock/contract/profile';
import type { ImageLimits } from './types.js';

/** The channel to the worker: a line of JSON for each message, both ways. */
export const CHANNEL_FD = 3;

/** Names within a lane's folder. */
export const SOURCE_FILE = 'source';
export const outputFile = (variant: string, format: ImageFormat) => `${variant}.${FORMATS[format].extension}`;

/** The first message to a child. */
export interface Setup {
  type: 'setup';
  folder: string;
  /** The unprivileged user and group to become, or null to stay. */
  identity: number | null;
  limits: ImageLimits;
}

/** One image to render; its source lies in the lane's folder. */
export interface Order {
  type: 'order';
  /** Answers carry it too, so that a late one is not taken for the next image's. */
  order: number;
  profile: Profile;
  declaredType: string | null;
}

export type ToChild = Setup | Order;

/** Codes with which a child may refuse an image. */
export const REFUSAL_CODES = [
  'aspect_mismatch',
  'heic_unsupported',
  'image_corrupt',
  'image_too_complex',
  'image_too_large',
  'image_too_small',
  'image_truncated',
  'source_too_large',
  'too_many_frames',
  'unsupported_media_type',
] as const satisfies readonly ErrorCode[];
