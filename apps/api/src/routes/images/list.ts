import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AI_LABEL_FILTERS } from '@pixdock/contract/ai-label';
import { ERROR_CODES } from '@pixdock/contract/error-table';
import { EXTERNAL_ID_MAX_LENGTH } from '@pixdock/contract/external-id';
import { printable } from '@pixdock/contract/messages/values';
import { STATUSES } from '@pixdock/contract/status';
import { METADATA_MAX_BYTES } from '@pixdock/contract/submission-options';
import { pointInTime } from '@pixdock/contract/time';
import {
  excludesAll,
  type ImageFilter,
  isCursorOf,
  statusOf,
} from '@pixdock/shared/state/images/image-filter';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { toImage } from '@pixdock/shared/state/images/view';
import type { Page } from '@pixdock/shared/state/lists/page';
import { listBatchImages } from '../../batch-images.js';
import { metadataKeyOf } from '../../body/options.js';
import type { Parts } from '../../deps.js';
import { expectScope, needs } from '../../http/auth.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { invalid } from '../../http/invalid.js';
import { respondWithItems } from '../../http/items-response.js';
import { languageOf } from '../../http/language.js';
import { queryOf } from '../../http/query.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { reviewsAll } from '../../read-for-review.js';
import { pageQuery, wrongCursor } from '../parameters.js';
import { imagePage, refusals } from '../responses.js';

const name = z.string().min(1, 'is empty').max(EXTERNAL_ID_MAX_LENGTH, 'has more than 256 characters');

const query = z.strictObject({
  status: z.enum(STATUSES).optional(),
  stage: z.literal('reviewing').optional().openapi({
    description:
      'Only held images, which wait for a decision by a person, the longest held first. Needs the scope `review`; a key that also has `admin` gets the images of all owners',
  }),
  batchId: z.string().min(1, 'is empty').max(64, 'has more than 64 characters').optional(),
  externalId: name.optional(),
  externalIdPrefix: name.optional().openapi({
    description:
      'Only images whose `externalId` begins with this, in upper or lower case; in the order of their `externalId` unless `batchId` is given',
  }),
  filenamePrefix: name.optional().openapi({
    description:
      'Only images whose file name begins with this, in upper or lower case; in the order of their file names unless `batchId` is given',
  }),
  aiLabel: z.enum(AI_LABEL_FILTERS).optional().openapi({
    description: 'Only images whose source has this label of AI-generated content, or any label',
  }),
  code: z.enum(ERROR_CODES).optional().openapi({
    description: 'Only images that failed or were canceled with this code',
  }),
  since: pointInTime.optional().openapi({ description: 'Only images created since this time' }),
  until: pointInTime.optional().openapi({ description: 'Only images created before this time' }),
  ...pageQuery,
});
type Query = z.output<typeof query>;

/** The query with the filters by metadata, whose names are not in its type. */
function queryWith(keys: readonly string[]): typeof query {
  const value = z.string().max(METADATA_MAX_BYTES).optional();
  return query.extend(
    Object.fromEntries(keys.map((key) => [`metadata.${key}`, value])),
  ) as unknown as typeof query;
}

const routeOf = (metadataIndex: readonly string[]) =>
  createRoute({
    method: 'get',
    path: '/v1/images',
    operationId: 'listImages',
    tags: ['Images'],
    summary: 'List images, newest first',
    description:
      'Images of a batch that never had a record of their own, such as those of invalid rows, are listed only with `batchId`. `metadata.KEY=VALUE` filters by a key that METADATA_INDEX of the server has, and finds the images that were submitted since.',
    security: needs('read'),
    request: { query: queryWith(metadataIndex) },
    responses: {
      ...refusals,
      200: imagePage,
    },
  });

type Deps = Parts<'images' | 'batches' | 'staging' | 'readLimits' | 'config'>;

export function listAllImages(app: OpenAPIHono<ApiEnv>, deps: Deps): void {
  const { metadataIndex } = deps.config;
  app.get('/v1/images', async (c, next) => {
    for (const key of Object.keys(queryOf(c)).map(metadataKeyOf))
      if (key !== null && !metadataIndex.includes(key))
        throw invalid('metadata-not-indexed', { key: printable(key), indexed: metadataIndex });
    await next();
  });
  app.openapi(routeOf(metadataIndex), async (c) => {
    const { cursor = null, limit, stage, ...wanted } = c.req.valid('query');
    const filter = { ...filterOf(wanted), isHeld: stage !== undefined };
    if (filter.isHeld) expectScope(c, 'review');
    const owner = filter.isHeld && reviewsAll(c) ? null : c.get('owner');
    if (cursor !== null && !isCursorOf(filter, cursor)) throw wrongCursor();
    const page = excludesAll(filter) ? NOTHING : await read(deps, c, owner, filter, cursor, limit);
    const language = languageOf(c);
    setPrivateHeaders(c);
    return respondWithItems(c, page.items, (record) => toImage(record, language), page.next);
  });
}

const NOTHING: Page<ImageRecord> = { items: [], next: null };

async function read(
  deps: Deps,
  c: ApiContext,
  owner: string | null,
  filter: ImageFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<ImageRecord>> {
  const { batchId, externalId } = filter;
  using _ = await deps.readLimits.scans.acquire(c.get('owner'));
  const ofBatch =
    batchId === undefined || externalId !== undefined || owner === null
      ? null
      : await listBatchImages(deps, owner, { ...filter, batchId }, cursor, limit);
  return ofBatch ?? (await deps.images.list(owner, filter, cursor, limit));
}

function filterOf({
  since,
  until,
  status,
  code,
  ...rest
}: Omit<Query, 'cursor' | 'limit' | 'stage'>): ImageFilter {
  const { externalId, externalIdPrefix, filenamePrefix, batchId, aiLabel, ...ofMetadata } = rest;
  const metadata = Object.entries(ofMetadata).map(([parameter, value]) => [metadataKeyOf(parameter), value]);
  return {
    externalId,
    externalIdPrefix,
    filenamePrefix,
    batchId,
    aiLabel,
    metadata: Object.fromEntries(metadata),
    code,
    // The index of a status is shorter than that of all images.
    status: status ?? (code === undefined ? undefined : statusOf(code)),
    sinceMs: since === undefined ? undefined : Date.parse(since),
    untilMs: until === undefined ? undefined : Date.parse(until),
  };
}
