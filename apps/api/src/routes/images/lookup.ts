import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { imageSchema } from '@pixdock/contract/image';
import { reason } from '@pixdock/contract/messages/reason';
import { toImage } from '@pixdock/shared/state/images/view';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { parseFields } from '../../http/invalid.js';
import { respondWithItems } from '../../http/items-response.js';
import { languageOf } from '../../http/language.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { jsonBody } from '../parameters.js';
import { bodyRefusals, json } from '../responses.js';
import { serve } from '../serve.js';

const MAX_DIGESTS = 1000;
/** Holds a thousand digests with quotes, commas and white space. */
const MAX_BODY_BYTES = 128 * 1024;

const bodySchema = z.strictObject({
  sha256: z
    .array(
      z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, reason('not-a-sha256'))
        .transform((hex) => hex.toLowerCase()),
    )
    .max(MAX_DIGESTS),
});

const route = createRoute({
  method: 'post',
  path: '/v1/images/lookup',
  operationId: 'findImages',
  tags: ['Images'],
  summary: 'Find published images by the SHA-256 of their source',
  description:
    'Searches your own images. Returns the newest image of each digest and profile, and nothing for a digest without an image.',
  security: needs('read'),
  request: { body: jsonBody('ImageLookup', bodySchema) },
  responses: {
    ...bodyRefusals,
    200: json('The images found', z.object({ items: z.array(imageSchema) }).openapi('FoundImages')),
  },
});

export function lookupImages(
  app: OpenAPIHono<ApiEnv>,
  { images, readLimits }: Parts<'images' | 'readLimits'>,
): void {
  serve(app, route, async (c) => {
    const body = await readJson(c, MAX_BODY_BYTES);
    const parsed = parseFields(bodySchema, body);
    using _ = await readLimits.scans.acquire(c.get('owner'));
    const found = await images.findBySha256(c.get('owner'), [...new Set(parsed.sha256)]);
    setPrivateHeaders(c);
    const language = languageOf(c);
    return await respondWithItems(c, found, (record) => toImage(record, language));
  });
}
