import { ERROR_CODES } from '@pixdock/contract/error-table';
import { placeholderSchema, receiptSchema } from '@pixdock/contract/image';
import { FORMATS, IMAGE_FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import type { Profile } from '@pixdock/contract/profile';
import { z } from 'zod';
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

const dimension = z.int().positive();

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
    code: z.enum(ERROR_CODES),
    detail: z.object({ en: z.string(), zh: z.string() }),
  }),
  z.object({ type: z.literal('fault'), order: z.int(), code: z.string().nullable(), message: z.string() }),
]);

export type FromChild = z.output<typeof fromChildSchema>;
export type RenderedByChild = Omit<Extract<FromChild, { type: 'rendered' }>, 'type' | 'order'>;
