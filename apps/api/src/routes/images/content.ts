import { Readable } from 'node:stream';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { FORMATS, STORED_FORMATS } from '@pixdock/contract/media-type';
import { isOpen } from '@pixdock/shared/state/images/image-record';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { readForReview } from '../../read-for-review.js';
import type { ImageParts } from '../../read-image.js';
import { imageIdParam } from '../parameters.js';
import { refusals } from '../responses.js';
import { serve } from '../serve.js';

const picture = { type: 'string' as const, format: 'binary' };

const route = createRoute({
  method: 'get',
  path: '/v1/images/{id}/content/{variant}',
  operationId: 'readContent',
  tags: ['Review'],
  summary: 'Get a rendered variant before the image is published',
  description:
    'For images whose profile has `review`, until they are final: their variants have no objects yet. A key that also has the scope `admin` can read the images of all owners.',
  security: needs('review'),
  request: {
    params: imageIdParam.extend({
      variant: z.string().openapi({ param: { name: 'variant', in: 'path' }, example: 'main' }),
    }),
  },
  responses: {
    ...refusals,
    200: {
      description: 'The rendered variant',
      content: Object.fromEntries(
        STORED_FORMATS.map((format) => [FORMATS[format].mediaType, { schema: picture }]),
      ),
    },
  },
});

export function readContent(app: OpenAPIHono<ApiEnv>, deps: ImageParts & Parts<'staging'>): void {
  serve(app, route, async (c) => {
    const record = await readForReview(deps, c, c.req.param('id'));
    const isReviewed = isOpen(record) && record.review !== undefined && record.deleteRequestedAt === null;
    const { outputs } = deps.staging;
    const found = isReviewed ? await outputs.openVariant(record.id, c.req.param('variant')) : null;
    if (found === null) throw new PixdockError('not_found');
    setPrivateHeaders(c);
    c.header('Content-Type', found.mediaType);
    c.header('Content-Length', String(found.bytes));
    if (c.req.method === 'HEAD') {
      // The server sends no body in reply to HEAD, and would not close the file.
      await found.file.close();
      return c.body(null, 200);
    }
    // Closes the file at its end, and when the client disconnects.
    return c.body(Readable.toWeb(found.file.createReadStream()) as ReadableStream, 200);
  });
}
