import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Language } from '@pixdock/contract/messages/text';
import { isSettled } from '@pixdock/contract/status';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { toImage } from '@pixdock/shared/state/images/view';
import type { Parts } from '../../deps.js';
import { needsOrToken } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { respondWithEvents } from '../../http/event-stream.js';
import { languageOf } from '../../http/language.js';
import { type ImageParts, readImage } from '../../read-image.js';
import { followState, type StateEvents, versionOf } from '../../streams/follow-state.js';
import { eventHeaders, imageIdParam } from '../parameters.js';
import { eventResponses } from '../responses.js';
import { serve } from '../serve.js';

const route = createRoute({
  method: 'get',
  path: '/v1/images/{id}/events',
  operationId: 'streamImage',
  tags: ['Images'],
  summary: 'Follow an image with server-sent events',
  description:
    'Each event `image` has a snapshot of the image as data and its version as id. Versions rise, intermediate ones may be missing, and the stream ends after the final one. A stream lives for 10 minutes; resume it with Last-Event-ID.',
  security: needsOrToken('read'),
  request: { params: imageIdParam, headers: eventHeaders },
  responses: eventResponses('id: 7\nevent: image\ndata: {"id":"img_…","status":"published","version":7}'),
});

export function streamImage(
  app: OpenAPIHono<ApiEnv>,
  deps: ImageParts & Parts<'shares' | 'streams' | 'keyring'>,
): void {
  serve(app, route, async (c) => {
    const first = await readImage(deps, c.req.param('id'), c.get('owner'), c.get('caller').token);
    const after = versionOf(c.req.header('Last-Event-ID'));
    if (isSettled(first) && first.version <= after) return c.body(null, 204);
    const events = imageEvents(languageOf(c));
    return respondWithEvents(c, deps, (stream) =>
      followState(stream, deps.streams.images, first, after, events),
    );
  });
}

function imageEvents(language: Language): StateEvents<ImageRecord> {
  return { type: 'image', toView: (record) => toImage(record, language), isSettled };
}
