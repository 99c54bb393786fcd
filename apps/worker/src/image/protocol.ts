import { placeholderSchema, receiptSchema } from '@pixdock/shared/contract/image';
import type { Profile } from '@pixdock/shared/contract/profile';
import type { ErrorCode } from '@pixdock/shared/error-table';
import { EXTENSIONS, IMAGE_FORMATS, type ImageFormat } from '@pixdock/shared/media-type';
import { z } from 'zod';
import { MACHINE_CODES } from './machine-codes.js';
import type { ImageLimits } from './types.js';

/** The channel to the worker: a line of JSON for each message, both ways. */
export const CHANNEL_FD = 3;

/** Names within a lane's folder. */
export const SOURCE_FILE = 'source';
export const outputFile = (variant: string, format: ImageFormat) => `${variant}.${EXTENSIONS[format]}`;

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

const dimension = z.int().positive();

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

/** What a child says. It is parsed, since a child that met a hostile image may be its puppet. */
export const fromChildSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), dropped: z.boolean() }),
  z.object({ type: z.literal('normalizing'), order: z.int() }),
  z.object({
    type: z.literal('rendered'),
    order: z.int(),
    source: z.object({
      format: z.enum(IMAGE_FORMATS),
      width: dimension,
      height: dimension,
      frames: dimension,
    }),
    variants: z.record(
      z.string(),
      z.object({ format: z.enum(IMAGE_FORMATS), width: dimension, height: dimension }),
    ),
    placeholder: placeholderSchema,
    receipt: receiptSchema,
  }),
  z.object({
    type: z.literal('refused'),
    order: z.int(),
    code: z.enum(REFUSAL_CODES),
    detail: z.object({ en: z.string(), zh: z.string() }),
  }),
  z.object({
    type: z.literal('fault'),
    order: z.int(),
    code: z.enum(MACHINE_CODES).nullable(),
    message: z.string(),
  }),
]);

export type FromChild = z.output<typeof fromChildSchema>;
export type RenderedByChild = Omit<Extract<FromChild, { type: 'rendered' }>, 'type' | 'order'>;
