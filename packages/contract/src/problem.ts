import { z } from 'zod';
import { ERROR_CODES } from './error-table.js';

/** An image's `error`, and every refusal of the API (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(ERROR_CODES),
    detail: z.string(),
    retryable: z.boolean(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });
