import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { BATCH_ID } from '@pixdock/contract/ids';
import { deletionRequestSchema, deletionsSchema } from '@pixdock/contract/image';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { decodeCursor, encodeCursor } from '@pixdock/shared/state/lists/cursor';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { parseFields } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { type DeletionParts, requestDeletion } from '../../request-deletion.js';
import { jsonBody, wrongCursor } from '../parameters.js';
import { bodyRefusals, json } from '../responses.js';
import { serve } from '../serve.js';

/** Images per response: each is a durable write of some milliseconds, five at a time. */
const IMAGES_AT_ONCE = 200;
/** Rows of batches searched for one response: a batch of 100,000 rows takes a tenth of a second. */
const ROWS_AT_ONCE = 500_000;
/** Comes before every batch. */
const ALL_BATCHES = encodeCursor({ score: 9e15, id: `bat_${'f'.repeat(32)}` });

const route = createRoute({
  method: 'post',
  path: '/v1/images/delete',
  operationId: 'deleteImagesByExternalId',
  tags: ['Images'],
  summary: 'Delete all images with an externalId',
  description:
    'For requests of the people whom the images show. Includes the items of batches, also those that have not begun. Idempotent: a repeat finds only images whose deletion is not requested yet. Images whose RETENTION has ended are not found by their externalId; delete them by id.',
  security: needs('delete'),
  request: { body: jsonBody('ImageDeletion', deletionRequestSchema) },
  responses: {
    ...bodyRefusals,
    202: json(
      'These images will be deleted. While a response has a `next`, send the request again with it as `cursor`; such a response may contain no images',
      deletionsSchema,
    ),
  },
});

type Deps = DeletionParts & Parts<'batches' | 'readLimits' | 'isRestored'>;

export function removeByExternalId(app: OpenAPIHono<ApiEnv>, deps: Deps): void {
  serve(app, route, async (c) => {
    const { externalId, cursor = null } = parseFields(deletionRequestSchema, await readJson(c));
    if (cursor !== null && decodeCursor(cursor) === null) throw wrongCursor();
    // "None" must not mean that Redis has lost them.
    if (!(await deps.isRestored())) throw new PixdockError('queue_unavailable');
    const { found, next } = await find(deps, c.get('owner'), externalId, cursor);
    const items = new Map(found.map(({ id, status }) => [id, { id, status }]));
    await inGroups(found, async (image) => {
      const { id, status } = await requestDeletion(deps, image);
      items.set(id, { id, status });
    });
    // The audit trail names the images, and not their externalId.
    if (items.size > 0) c.set('object', [...items.keys()]);
    setPrivateHeaders(c);
    return c.json({ items: [...items.values()], ...(next === null ? {} : { next }) }, 202);
  });
}

interface Found {
  found: ImageRecord[];
  /** Cursor of what is not searched yet; null at the end. */
  next: string | null;
}

/** Searches the images that have a record, then the rows of batches. */
async function find(deps: Deps, owner: string, externalId: string, cursor: string | null): Promise<Found> {
  using _ = await deps.readLimits.scans.acquire(owner);
  if (cursor !== null && BATCH_ID.test(decodeCursor(cursor)?.id ?? ''))
    return await findInBatches(deps, owner, externalId, cursor);
  const { items, next } = await deps.images.list(owner, { externalId }, cursor, IMAGES_AT_ONCE);
  const found = items.filter(isKept);
  if (next !== null) return { found, next };
  if (found.length === 0) return await findInBatches(deps, owner, externalId, ALL_BATCHES);
  const batches = (await deps.batches.list(owner, { cursor: ALL_BATCHES, limit: 1 })).items;
  return { found, next: batches.length === 0 ? null : ALL_BATCHES };
}

async function findInBatches(deps: Deps, owner: string, externalId: string, cursor: string): Promise<Found> {
  let searched = 0;
  for (let after: string | null = cursor; after !== null; ) {
    const page = await deps.batches.list(owner, { cursor: after, limit: 1 });
    const [state] = page.items;
    if (state !== undefined) {
      const found = await findInBatch(deps, state, externalId);
      // What remains of this batch is found by the next request.
      if (found.length > IMAGES_AT_ONCE) return { found: found.slice(0, IMAGES_AT_ONCE), next: after };
      searched += state.total;
      if (found.length > 0 || searched >= ROWS_AT_ONCE) return { found, next: page.next };
    }
    after = page.next;
  }
  return { found: [], next: null };
}

async function findInBatch(deps: Deps, state: BatchState, externalId: string): Promise<ImageRecord[]> {
  if (state.deleteRequestedAt !== null) return [];
  const manifest = await deps.staging.batches.open(state.id, 0);
  const places = (await manifest?.placesOf(externalId)) ?? [];
  if (manifest === null || places.length === 0) return [];
  const items = await deps.images.ofBatch(state, manifest, places);
  return items.filter((item) => item.externalId === externalId && isKept(item));
}

const isKept = ({ deleteRequestedAt }: ImageRecord) => deleteRequestedAt === null;
