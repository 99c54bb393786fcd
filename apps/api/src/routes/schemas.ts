import { z } from '@hono/zod-openapi';
import { IMAGE_ID, imageSchema, problemSchema } from '@pixdock/shared/contract/image';

export const imageIdParam = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    pattern: IMAGE_ID.source,
    example: `img_${'5f'.repeat(16)}`,
  }),
});

export const imageContent = { 'application/json': { schema: imageSchema } };

export const problemContent = { 'application/problem+json': { schema: problemSchema } };

/** The refusals that any route with a key may give. */
export const refusals = {
  401: { description: 'No valid key', content: problemContent },
  404: { description: 'Not found, or of another owner', content: problemContent },
  503: { description: 'A dependency is down; see Retry-After', content: problemContent },
};

export const bearer = [{ bearer: [] }];
