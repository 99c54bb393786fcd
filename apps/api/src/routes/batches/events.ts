import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { isBatchSettled } from '@pixdock/shared/state/batches/batch-state';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { respondWithEvents } from '../../http/event-stream.js';
import { type BatchParts, readBatch } from '../../read-batch.js';
import { followState, versionOf } from '../../streams/follow-state.js';
import { batchIdParam, eventHeaders } from '../parameters.js';
import { eventResponses } from '../responses.js';
import { serve } from '../serve.js';

const route = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/events',
  operationId: 'streamBatch',
  tags: ['Batches'],
  summary: 'Follow a batch with server-sent events',
  description:
    'Each event `batch` has a snapshot of the batch as data and its version as id, at most five per second. Versions rise, intermediate ones may be missing, and the stream ends after the final one. A stream lives for 10 minutes; resume it with Last-Event-ID.',
  security: needs('read'),
  request: { params: batchIdParam, headers: eventHeaders },
  responses: eventResponses('id: 9\nevent: batch\ndata: {"id":"bat_…","status":"finished","version":9}'),
});

export function streamBatch(
  app: OpenAPIHono<ApiEnv>,
  deps: BatchParts & Parts<'readLimits' | 'shares' | 'streams' | 'keyring'>,
): void {
  serve(app, route, async (c) => {
    const first = await readBatch(deps, c.req.param('id'), c.get('owner'));
    const after = versionOf(c.req.header('Last-Event-ID'));
    if (isBatchSettled(first) && first.version <= after) return c.body(null, 204);
    return respondWithEvents(c, deps, (stream) =>
      followState(stream, deps.streams.batches, first, after, EVENTS),
    );
  });
}

const EVENTS = { type: 'batch', toView: toBatch, isSettled: isBatchSettled };
