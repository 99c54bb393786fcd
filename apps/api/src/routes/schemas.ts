import { z } from '@hono/zod-openapi';
import { batchSchema } from '@pixdock/contract/batch';
import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import { imageSchema, problemSchema } from '@pixdock/contract/image';
import { reason } from '@pixdock/contract/messages/reason';
import { invalid } from '../http/invalid.js';

export const imageIdParam = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    pattern: IMAGE_ID.source,
    example: `img_${'5f'.repeat(16)}`,
  }),
});

export const batchIdParam = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    pattern: BATCH_ID.source,
    example: `bat_${'5f'.repeat(16)}`,
  }),
});

/** Headers of a POST that creates a resource. */
export const creationHeaders = z.object({
  'idempotency-key': z.string().max(255).optional().openapi({ description: 'Kept for 24 hours' }),
  prefer: z.string().optional().openapi({ example: 'wait=30', description: 'At most 60 seconds' }),
});

/** Headers of a GET that may wait. */
export const readHeaders = z.object({
  'if-none-match': z.string().optional().openapi({ example: '"7"' }),
  prefer: z.string().optional().openapi({ example: 'wait=30' }),
});

const LIMIT = reason('not-a-page-size');

export const pageQuery = {
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(100, LIMIT).default(20),
};

export const wrongCursor = () => invalid('unknown-cursor');

export const batchContent = { 'application/json': { schema: batchSchema } };

export const imageContent = { 'application/json': { schema: imageSchema } };

export const problemContent = { 'application/problem+json': { schema: problemSchema } };

/** The errors of every route that requires a key. */
export const refusals = {
  401: { description: 'No valid key', content: problemContent },
  404: { description: 'Not found, or of another owner', content: problemContent },
  429: { description: 'Over a limit of the owner; see Retry-After and RateLimit', content: problemContent },
  503: { description: 'A dependency is down; see Retry-After', content: problemContent },
};

export const bearer = [{ bearer: [] }];
