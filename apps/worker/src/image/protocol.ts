import type { ErrorCode } from '@pixdock/contract/error-table';
import { FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import type { Profile } from '@pixdock/contract/profile';
import type { LabelSettings } from './label/keep.js';
import type { ImageLimits } from './types.js';

/** The channel between worker and child: one line of JSON for each message. */
export const CHANNEL_FD = 3;

/** File names in a lane's folder. */
export const SOURCE_FILE = 'source';
export const OVERLAY_FILE = 'overlay';
export const outputFile = (variant: string, format: ImageFormat) => `${variant}.${FORMATS[format].extension}`;

/** The first message to a child. */
export interface Setup {
  type: 'setup';
  folder: string;
  /** The unprivileged user and group to switch to, or null to keep the current user. */
  identity: number | null;
  limits: ImageLimits;
  labels: LabelSettings;
}

/** One image to render. Its source is in the lane's folder. */
export interface Order {
  type: 'order';
  /** Responses repeat it, so that a late response is not mistaken for one about the next image. */
  orderId: number;
  imageId: string;
  profile: Profile;
  declaredType: string | null;
}

export type ToChild = Setup | Order;

/** Error codes that a child may report. */
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
