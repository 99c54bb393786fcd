import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SOURCE_HEADERS } from '@pixdock/contract/source';
import type { ApiDeps } from '../../deps.js';
import type { ApiEnv } from '../../http/env.js';
import { imageResource } from '../../http/image-response.js';
import { respondCreated } from '../../http/resource.js';
import { submitImage } from '../../submit/submit-image.js';
import { bearer, creationHeaders, imageContent, problemContent, refusals } from '../schemas.js';

// Bodies are declared without a Zod schema; with one, the router would read them whole into memory.
const bytes = { schema: { type: 'string' as const, format: 'binary' } };
const option = { type: 'string' as const };

const route = createRoute({
  method: 'post',
  path: '/v1/images',
  summary: 'Submit an image',
  description:
    'Send multipart/form-data with one `file` and options in any order, the bytes of the image as the body with options in the query, or JSON with the `url` of the image. The type is detected from the bytes, never from the name or a header.',
  security: bearer,
  request: {
    headers: creationHeaders,
    query: z.object({
      profile: z
        .string()
        .optional()
        .openapi({ description: 'This and the following parameters apply to a raw body only' }),
      externalId: z.string().max(256, 'has more than 256 characters').optional(),
      metadata: z.string().optional(),
      sha256: z.string().optional(),
    }),
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object' as const,
            required: ['file'],
            properties: {
              file: { type: 'string' as const, format: 'binary' },
              profile: { ...option, default: 'default' },
              externalId: { ...option, maxLength: 256 },
              metadata: { ...option, description: 'A JSON object of strings, 4 KiB at most' },
              sha256: { ...option, description: 'Hex SHA-256 of the file; a different file is refused' },
            },
          },
        },
        'application/json': {
          schema: {
            type: 'object' as const,
            required: ['url'],
            properties: {
              url: { ...option, format: 'uri' },
              headers: {
                type: 'object' as const,
                additionalProperties: option,
                description: `Sent only to this URL: ${SOURCE_HEADERS.join(', ')}`,
              },
              profile: { ...option, default: 'default' },
              externalId: { ...option, maxLength: 256 },
              metadata: { type: 'object' as const, additionalProperties: option },
              sha256: { ...option, description: 'Hex SHA-256 of the source; a different source fails' },
            },
          },
        },
        'application/octet-stream': bytes,
        'image/*': bytes,
      },
    },
  },
  responses: {
    201: { description: 'Published within the time of Prefer: wait', content: imageContent },
    202: { description: 'Accepted; poll Location', content: imageContent },
    400: { description: 'Malformed, empty, unknown profile or field', content: problemContent },
    408: { description: 'The body arrived too slowly', content: problemContent },
    409: { description: 'A request with this Idempotency-Key is running', content: problemContent },
    413: { description: 'Too large', content: problemContent },
    415: { description: 'Not an accepted image', content: problemContent },
    422: {
      description: 'Wrong digest, reused Idempotency-Key, or failed within Prefer: wait',
      content: problemContent,
    },
    ...refusals,
  },
});

export function createImage(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const images = imageResource(deps);
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/images', async (c) => respondCreated(c, images, await submitImage(c, deps)));
}
