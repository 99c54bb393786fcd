import { createHash, randomBytes } from 'node:crypto';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import {
  FAILURE_RETRY_ID,
  type FailureRetryRequest,
  failureRetryRequestSchema,
  failureRetrySchema,
} from '@pixdock/contract/failure';
import { type FailureRetryState, newFailureRetry } from '@pixdock/shared/state/failures/failure-retries';
import type { FailureFilter } from '@pixdock/shared/state/failures/failures';
import { readOptionalJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { invalidField } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { claimKey, expectSameRequest, keyInRequest } from '../../submit/idempotency.js';
import { creationHeaders, idParam, optionalJsonBody } from '../parameters.js';
import { bodyRefusals, json, problem, refusals } from '../responses.js';
import { serve } from '../serve.js';

const PATH = '/v1/failures/retry';

const startedRoute = createRoute({
  method: 'post',
  path: PATH,
  operationId: 'retryFailures',
  tags: ['Failures'],
  summary: 'Retry all failed images, or those with a code, from a host, or of a period',
  description: 'Images that fail after the request are not retried by it.',
  security: needs('submit'),
  request: {
    headers: creationHeaders.pick({ 'idempotency-key': true }),
    body: optionalJsonBody('FailureFilter', failureRetryRequestSchema),
  },
  responses: {
    ...bodyRefusals,
    202: json('The retry runs; read it at its Location', failureRetrySchema),
    409: problem('A request with this Idempotency-Key is still running'),
  },
});

const readRoute = createRoute({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'readFailureRetry',
  tags: ['Failures'],
  summary: 'Show how many images a retry has queued',
  security: needs('read'),
  request: {
    params: idParam(FAILURE_RETRY_ID),
  },
  responses: { ...refusals, 200: json('The retry, for a day', failureRetrySchema) },
});

type Deps = Parts<
  | 'config'
  | 'failures'
  | 'failureRetries'
  | 'queue'
  | 'idempotency'
  | 'shares'
  | 'readLimits'
  | 'staging'
  | 'log'
  | 'stopping'
>;

export function retryFailures(app: OpenAPIHono<ApiEnv>, deps: Deps): void {
  const { failureRetries, queue, shares } = deps;

  serve(app, startedRoute, async (c) => {
    const newId = `frt_${randomBytes(16).toString('hex')}`;
    const claimed = await claimKey(c, deps, keyInRequest(c, deps.config, newId));
    if (claimed.outcome === 'done') {
      const { response, resourceId } = claimed.done;
      expectSameRequest(deps.config, claimed.done, fingerprintOf(await readFilter(c)));
      c.header('Idempotency-Replayed', 'true');
      return accepted(c, resourceId, response?.body ?? null);
    }
    await using claim = claimed.claim;
    const filter = await readFilter(c);
    await shares.admit(c.get('owner'), { retried: await countFailures(deps, c.get('owner'), filter) });
    const created = await failureRetries.create(newFailureRetry(claim.id, c.get('owner'), filter));
    if (created === null) throw new PixdockError('rate_limited', undefined, { retryAfterSeconds: 5 });
    const body = JSON.stringify(view(created));
    // A request that crashed may have created it, with another filter.
    const fingerprint = fingerprintOf(created);
    claim.sign(fingerprint);
    await queue.retryFailures(created);
    claim.keep();
    await failureRetries.keep(created);
    await claim.complete({ status: 202, body });
    if (fingerprintOf(filter) !== fingerprint) throw new PixdockError('idempotency_conflict');
    return await accepted(c, claim.id, body);
  });

  serve(app, readRoute, async (c) => {
    const state = await readOwn(c, c.req.param('id'));
    setPrivateHeaders(c);
    return c.json(view(state));
  });

  /** @param first the response to the first request with this key; null if it is not stored */
  async function accepted(c: ApiContext, id: string, first: string | null): Promise<Response> {
    const body = first ?? JSON.stringify(view(await readOwn(c, id)));
    c.set('object', id);
    setPrivateHeaders(c);
    c.header('Location', `${PATH}/${id}`);
    c.header('Content-Type', 'application/json');
    return c.body(body, 202);
  }

  async function readOwn(c: ApiContext, id: string): Promise<FailureRetryState> {
    const state = FAILURE_RETRY_ID.test(id) ? await failureRetries.get(id) : null;
    if (state?.owner !== c.get('owner')) throw new PixdockError('not_found');
    return state;
  }
}

const view = ({ owner: _owner, position: _position, ...rest }: FailureRetryState) => rest;

/** @throws PixdockError invalid_request */
async function readFilter(c: ApiContext): Promise<FailureRetryRequest> {
  const body = await readOptionalJson(c);
  const parsed = failureRetryRequestSchema.safeParse(body);
  if (!parsed.success) throw invalidField(parsed.error, body, Object.keys(failureRetryRequestSchema.shape));
  return parsed.data;
}

function fingerprintOf({ code, host, since, until }: FailureRetryRequest): string {
  return createHash('sha256')
    .update(JSON.stringify({ code, host, since: msOf(since), until: msOf(until) }))
    .digest('hex');
}

const msOf = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));

/** Groups read at a time. */
const GROUPS = 1000;

async function countFailures(
  { failures, readLimits }: Pick<Deps, 'failures' | 'readLimits'>,
  owner: string,
  filter: FailureFilter,
): Promise<number> {
  using _ = await readLimits.scans.acquire(owner);
  let images = 0;
  for (let cursor: string | null = null; ; ) {
    const { groups, next } = await failures.list(owner, filter, cursor, GROUPS);
    images += groups.reduce((sum, { count }) => sum + count, 0);
    if (next === null) return images;
    cursor = next;
  }
}
