import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Language } from '@pixdock/contract/messages/text';
import { inSlicesOf, isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import { toImage } from '@pixdock/shared/state/images/view';
import type { Parts } from '../deps.js';
import { needs } from '../http/auth.js';
import type { ApiEnv } from '../http/env.js';
import { respondWithEvents } from '../http/event-stream.js';
import { languageOf } from '../http/language.js';
import type { EventStream } from '../streams/event-stream.js';
import type { FeedEvent } from '../streams/feed.js';
import { eventHeaders } from './parameters.js';
import { eventResponses } from './responses.js';
import { serve } from './serve.js';

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

export function streamEvents(
  app: OpenAPIHono<ApiEnv>,
  deps: Parts<'shares' | 'streams' | 'keyring' | 'readLimits'>,
): void {
  serve(app, route, async (c) => {
    const owner = c.get('owner');
    const language = languageOf(c);
    const lastEventId = c.req.header('Last-Event-ID');
    deps.readLimits.openFeed(owner);
    await deps.streams.owners.open(owner);
    return respondWithEvents(c, deps, (stream) => {
      const news = openNews(owner, stream, { next: () => reader.next(), language });
      const reader = deps.streams.owners.follow(owner, lastEventId, news.send);
      if (reader.startId !== null) stream.send({ id: reader.startId, type: 'ready', data: '{}' });
      news.send();
      return {
        onReady: news.send,
        onClose() {
          news.close();
          reader.leave();
        },
      };
    });
  });
}

/** Sends events in time slices, because a client that resumes may get hundreds. */
function openNews(
  owner: string,
  stream: EventStream,
  { next, language }: { next: () => FeedEvent | null; language: Language },
) {
  const closing = new AbortController();
  let isSending = false;

  async function send(): Promise<void> {
    if (isSending) return;
    isSending = true;
    while (!closing.signal.aborted && !stream.isBlocked()) {
      if (isSliceOver()) {
        await nextSlice();
        continue;
      }
      const event = next();
      if (event === null) break;
      stream.send({ id: event.id, type: event.type, data: dataOf(event, language) });
    }
    isSending = false;
  }

  return {
    // Its caller may be a task of another owner: whatever changed a state, or made room for more.
    send: () => void inSlicesOf(owner, send),
    close: () => closing.abort(),
  };
}

/** The data of states, for all streams with a language. */
const texts = { en: new WeakMap<object, string>(), zh: new WeakMap<object, string>() };

function dataOf(event: FeedEvent, language: Language): string {
  if (event.type === 'gap') return '{}';
  const known = texts[language].get(event.state);
  if (known !== undefined) return known;
  const view = event.type === 'image' ? toImage(event.state, language) : toBatch(event.state);
  const text = JSON.stringify(view);
  texts[language].set(event.state, text);
  return text;
}
