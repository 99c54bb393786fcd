import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { IMAGE_ID } from '@pixdock/contract/ids';
import { imageSchema } from '@pixdock/contract/image';
import type { Parts } from '../../deps.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { matchesEtag } from '../../http/etag.js';
import { imageResource, respondReady, respondWithImage } from '../../http/image-response.js';
import { refuseQueryBesideWait, statesWait } from '../../http/preferred-wait.js';
import { waitForChange } from '../../http/resource.js';
import { completeRead, type ImageParts } from '../../read-image.js';
import { imageIdParam, readHeaders, waitQuery } from '../parameters.js';
import { json, refusals } from '../responses.js';
import { serve } from '../serve.js';

const route = createRoute({
  method: 'get',
  path: '/v1/images/{id}',
  operationId: 'readImage',
  tags: ['Images'],
  summary: 'Read the status of an image',
  description:
    'The ETag is the version. With Prefer: wait=N or ?wait=N the server responds once the image is final or, with If-None-Match, once it changes.',
  security: needsOrToken('read'),
  request: {
    params: imageIdParam,
    headers: readHeaders,
    query: waitQuery,
  },
  responses: {
    ...refusals,
    200: json('The image; Retry-After says when to read it again while it is not final', imageSchema),
    304: { description: 'The image still has the version of If-None-Match' },
  },
});

export function readOneImage(
  app: OpenAPIHono<ApiEnv>,
  deps: ImageParts & Parts<'backlog' | 'shares' | 'waits'>,
): void {
  const resource = imageResource(deps);
  serve(app, route, async (c) => {
    refuseQueryBesideWait(c);
    const id = c.req.param('id');
    const { owner, token } = c.get('caller');
    if (!IMAGE_ID.test(id)) throw new PixdockError('not_found');
    const stored = await deps.images.read(id);
    const ready = stored?.ready ?? null;
    if (ready?.owner === owner && token === null && !statesWait(c)) return respondReady(c, deps, ready);
    const first = await completeRead(deps, stored?.record() ?? null, id, owner, token);
    const record = await waitForChange(c, resource, first);
    if (!matchesEtag(c.req.header('If-None-Match'), record.version))
      return respondWithImage(c, deps, record, 200);
    await resource.setHeaders(c, record);
    return c.body(null, 304);
  });
}
