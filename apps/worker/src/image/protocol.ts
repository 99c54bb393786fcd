import { FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import type { Profile } from '@pixdock/contract/profile';
import type { ImageLimits } from './types.js';

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
