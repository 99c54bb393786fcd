import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { ItemFilter } from '@pixdock/shared/state/batches/batch-items';
import { type BatchState, isBatchSettled } from '@pixdock/shared/state/batches/batch-state';
import { retryChange } from '@pixdock/shared/state/staged/batch-changes';
import { readOptionalJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import { batchResource } from '../../http/batch-response.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { invalidParameter, parseFields } from '../../http/invalid.js';
import { queryBesideWait, WAIT_PARAMETER } from '../../http/preferred-wait.js';
import { respondChanged } from '../../http/resource.js';
import { type BatchParts, readBatch, readManifest, refuseIfEnding } from '../../read-batch.js';
import { batchIdParam, optionalJsonBody, waitHeaders, waitQuery } from '../parameters.js';
import { problem } from '../responses.js';
import { serve } from '../serve.js';
import { changedBatch, finishedBatch, noteBatchChange } from './change.js';

const codeSchema = z.enum(ERROR_CODES).optional();
/** The body, or the query beside `wait`. */
const retrySchema = z.strictObject({ code: codeSchema });

const route = createRoute({
  method: 'post',
  path: '/v1/batches/{id}/retry',
  operationId: 'retryBatch',
  tags: ['Batches'],
  summary: 'Retry the failed images of a batch',
  security: needs('submit'),
  request: {
    params: batchIdParam,
    headers: waitHeaders,
    query: waitQuery.extend({
      code: codeSchema.openapi({ description: 'Only images that failed with this error code' }),
    }),
    body: {
      description: 'The code as JSON instead of a parameter',
      ...optionalJsonBody('BatchRetry', retrySchema),
    },
  },
  responses: {
    ...changedBatch('The failed images are queued again, one after the other'),
    201: finishedBatch,
    409: problem(
      'No image failed, or none with this code; or the sources of all these images no longer exist; or the batch is canceled or deleted',
    ),
  },
});

export function retryBatch(
  app: OpenAPIHono<ApiEnv>,
  deps: BatchParts & Parts<'readLimits' | 'queue' | 'writeLimits' | 'shares' | 'waits'>,
): void {
  const { batches, queue } = deps;
  const resource = batchResource(deps);

  serve(app, route, async (c) => {
    const codeOfQuery = readCodeOfQuery(c);
    const state = await readBatch(deps, c.req.param('id'), c.get('owner'));
    refuseIfEnding(state);
    const code = codeOfQuery ?? (await readCode(c));
    if (state.failed === 0) throw new PixdockError('not_retryable', detailOf('nothing-failed'));
    // While a batch is being restored, not all of its failures are known.
    if (isBatchSettled(state)) await refuseUnlessRetryable(deps, state, code);
    // A repeat of a request that has not begun creates no work.
    if (!state.retries.some((request) => request.code === code))
      await deps.shares.admit(state.owner, { retried: await countFailed(deps, state, code) });
    await noteBatchChange(deps, state, retryChange(code));
    await batches.retry(state.id, code);
    await queue.expand(state);
    return respondChanged(c, resource, await readBatch(deps, state.id, c.get('owner')));
  });
}

/** @throws PixdockError invalid_request */
function readCodeOfQuery(c: ApiContext): ErrorCode | undefined {
  const query = queryBesideWait(c);
  const values = Object.entries(query).map(([name, all]) => [name, all.length === 1 ? all[0] : all]);
  const parsed = retrySchema.safeParse(Object.fromEntries(values));
  if (!parsed.success)
    throw invalidParameter(parsed.error, query, [...Object.keys(retrySchema.shape), WAIT_PARAMETER]);
  return parsed.data.code;
}

/** @throws PixdockError invalid_request */
async function readCode(c: ApiContext): Promise<ErrorCode | null> {
  const { code = null } = parseFields(retrySchema, await readOptionalJson(c));
  return code;
}

/** The items that a retry queues. Those with an invalid row stay failed. */
async function countFailed(
  { batches }: Parts<'batches'>,
  { id, failed, invalid }: BatchState,
  code: ErrorCode | null,
): Promise<number> {
  return code === null ? Math.max(0, failed - invalid) : await batches.countWithCode(id, code);
}

/** Failures that are read at a time to find one that can be retried; it is almost always the first. */
const PAGE = 100;

/** @throws PixdockError not_retryable if no failure can be retried, source_lost if the sources of all such failures are gone */
async function refuseUnlessRetryable(
  deps: BatchParts & Parts<'readLimits'>,
  state: BatchState,
  code: ErrorCode | null,
): Promise<void> {
  const filter: ItemFilter = code === null ? { status: 'failed' } : { code };
  using _ = await deps.readLimits.scans.acquire(state.owner);
  const manifest = await readManifest(deps, state.id);
  let isLost = false;
  for (let from: number | null = 0; from !== null; ) {
    const places = await deps.batches.places(state.id, filter, from, PAGE);
    const failed = await deps.images.ofBatch(state, manifest, places);
    for (const record of failed.filter(({ error }) => error?.code !== 'invalid_row')) {
      if (await deps.staging.hasSource(record)) return;
      isLost = true;
    }
    from = places.length < PAGE ? null : (places.at(-1) ?? 0) + 1;
  }
  throw isLost
    ? new PixdockError('source_lost')
    : new PixdockError('not_retryable', detailOf('nothing-to-retry'));
}
