import { IMAGE_FORMATS } from '@pixdock/contract/media-type';
import { detailSchema } from '@pixdock/contract/messages/detail-schema';
import { placeholderSchema, receiptSchema } from '@pixdock/contract/receipt';
import { z } from 'zod';
import { MACHINE_CODES } from './machine-codes.js';
import { REFUSAL_CODES } from './protocol.js';

const dimension = z.int().positive();

/** Messages from a child. They are validated, since a hostile image may control the child. */
export const fromChildSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), droppedRoot: z.boolean() }),
  z.object({ type: z.literal('normalizing'), orderId: z.int(), pixels: dimension }),
  z.object({
    type: z.literal('rendered'),
    orderId: z.int(),
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
    receipt: receiptSchema.omit({ profileVersion: true }),
  }),
  z.object({
    type: z.literal('refused'),
    orderId: z.int(),
    code: z.enum(REFUSAL_CODES),
    detail: detailSchema,
  }),
  z.object({
    type: z.literal('fault'),
    orderId: z.int(),
    code: z.enum(MACHINE_CODES).nullable(),
    message: z.string(),
  }),
]);

export type FromChild = z.output<typeof fromChildSchema>;
export type RenderedByChild = Omit<Extract<FromChild, { type: 'rendered' }>, 'type' | 'orderId'>;
