import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { toImage } from '@pixdock/shared/state/images/view';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { respondWithItems } from '../../http/items-response.js';
import { languageOf } from '../../http/language.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { type BatchParts, findPlaces, matches, readBatch, readManifest } from '../../read-batch.js';
import { batchIdParam, itemFilterOf, itemFilterQuery, pageQuery, wrongCursor } from '../parameters.js';
import { imagePage, refusals } from '../responses.js';

const route = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/items',
  operationId: 'listBatchItems',
  tags: ['Batches'],
  summary: 'List the images of a batch in row order',
  security: needs('read'),
  request: {
    params: batchIdParam,
    query: z.strictObject({ ...itemFilterQuery, ...pageQuery }),
  },
  responses: {
    ...refusals,
    200: imagePage,
  },
});

export function listItems(app: OpenAPIHono<ApiEnv>, deps: BatchParts & Parts<'readLimits'>): void {
  app.openapi(route, async (c) => {
    const { status, code, cursor = '0', limit } = c.req.valid('query');
    const filter = itemFilterOf({ status, code });
    if (!/^\d{1,9}$/.test(cursor)) throw wrongCursor();
    const state = await readBatch(deps, c.req.valid('param').id, c.get('owner'));
    using _ = await deps.readLimits.scans.acquire(c.get('owner'));
    const manifest = await readManifest(deps, state.id);
    const places = await findPlaces(deps, state, manifest, filter, Number(cursor), limit + 1);
    const records = await deps.images.ofBatch(state, manifest, places.slice(0, limit));
    const matching = records.filter((record) => matches(record, filter));
    const language = languageOf(c);
    const next = places[limit];
    setPrivateHeaders(c);
    const cursorOfNext = next === undefined ? null : String(next);
    return await respondWithItems(c, matching, (record) => toImage(record, language), cursorOfNext);
  });
}
