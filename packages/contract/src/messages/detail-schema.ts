import { z } from 'zod';
import { type Detail, isReason } from './detail.js';

/** A detail that was stored, or that another process sent. */
export const detailSchema = z.object({
  reason: z.custom<Detail['reason']>(isReason),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
}) satisfies z.ZodType<Detail>;
