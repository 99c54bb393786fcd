import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Language } from '@pixdock/contract/messages/text';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import { toImage } from '@pixdock/shared/state/images/view';
import type { Parts } from '../deps.js';
import { needs } from '../http/auth.js';
import type { ApiEnv } from '../http/env.js';
import { respondWithEvents } from '../http/event-stream.js';
import { languageOf } from '../http/language.js';
import type { FeedEvent } from '../streams/feed.js';
import { eventHeaders } from './parameters.js';
import { eventResponses } from './responses.js';

const {
  204: _,
  404: __,
  ...responses
} = eventResponses(
  'id: a-0\nevent: ready\ndata: {}\n\nid: a-1\nevent: image\ndata: {"id":"img_…","status":"queued","version":1}',
);

const route = createRoute({
  method: 'get',
  path: '/v1/events',
  operationId: 'streamEvents',
  tags: ['Events'],
  summary: 'Follow all images and batches of the owner with server-sent events',
  description:
    'Each event `image` or `batch` has a snapshot as data. The stream begins with an event `ready`, and with the changes from then on. Its ids are opaque: with the last one as Last-Event-ID, a client that resumes within a minute misses nothing. An event `gap` says that changes may be missing; then read the lists.',
  security: needs('read'),
  request: { headers: eventHeaders },
  responses,
});

export function streamEvents(app: OpenAPIHono<ApiEnv>, deps: Parts<'shares' | 'streams' | 'keyring'>): void {
  app.openAPIRegistry.registerPath(route);
  app.get('/v1/events', (c) => {
    const owner = c.get('owner');
    const language = languageOf(c);
    const lastEventId = c.req.header('Last-Event-ID');
    return respondWithEvents(c, deps, (stream) => {
      const flush = () => {
        while (!stream.isBlocked()) {
          const event = reader.next();
          if (event === null) return;
          stream.send({ id: event.id, type: event.type, data: JSON.stringify(viewOf(event, language)) });
        }
      };
      const reader = deps.streams.owners.follow(owner, lastEventId, flush);
      if (reader.startId !== null) stream.send({ id: reader.startId, type: 'ready', data: '{}' });
      flush();
      return { onReady: flush, onClose: reader.leave };
    });
  });
}

function viewOf(event: FeedEvent, language: Language): unknown {
  if (event.type === 'gap') return {};
  return event.type === 'image' ? toImage(event.state, language) : toBatch(event.state);
}
