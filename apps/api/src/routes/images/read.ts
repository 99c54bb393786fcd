import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import { isSettled } from '@pixdock/shared/contract/view';
import type { ApiDeps } from '../../deps.js';
import { answerImage, setImageHeaders } from '../../http/answer-image.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { matchesEtag } from '../../http/etag.js';
import { preferredWaitSeconds } from '../../http/prefer.js';
import { readImage } from '../../images.js';
import { bearer, imageContent, imageIdParam, refusals } from '../schemas.js';

const route = createRoute({
  method: 'get',
  path: '/v1/images/{id}',
  summary: 'Read the status of an image',
  description:
    'ETag is the version. With Prefer: wait=N it is held until the image is final or, with If-None-Match, until it changes.',
  security: bearer,
  request: {
    params: imageIdParam,
    headers: z.object({
      'if-none-match': z.string().optional().openapi({ example: '"7"' }),
      prefer: z.string().optional().openapi({ example: 'wait=30' }),
    }),
  },
  responses: {
    200: {
      description: 'The image; Retry-After says when to ask again while it is not final',
      content: imageContent,
    },
    304: { description: 'Still the version of If-None-Match' },
    ...refusals,
  },
});

export function readOneImage(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openAPIRegistry.registerPath(route);
  app.get('/v1/images/:id', async (c) => {
    const ifNoneMatch = c.req.header('If-None-Match');
    const record = await readWaiting(c, deps, c.req.param('id'), ifNoneMatch);
    if (!matchesEtag(ifNoneMatch, record.version)) return answerImage(c, deps, record, 200);
    await setImageHeaders(c, deps, record);
    return c.body(null, 304);
  });
}

async function readWaiting(
  c: ApiContext,
  deps: ApiDeps,
  id: string,
  ifNoneMatch: string | undefined,
): Promise<ImageRecord> {
  const first = await readImage(deps, id, c.get('owner'));
  const enough = (record: ImageRecord) =>
    ifNoneMatch === undefined ? isSettled(record) : !matchesEtag(ifNoneMatch, record.version);
  const seconds = preferredWaitSeconds(c);
  if (seconds === 0 || enough(first)) return first;
  // An item that its batch has not come to yet has no record.
  const read = async () => (await deps.records.get(id)) ?? first;
  return (await deps.changes.waitFor(id, read, enough, seconds * 1000, c.req.raw.signal)) ?? first;
}
