import type { StoredResponse } from '@pixdock/shared/state/idempotency/stored-claim';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Shares } from '../limits/shares.js';
import type { Versioned } from '../waits/shared-reads.js';
import type { WaitHub } from '../waits/wait-hub.js';
import type { ApiContext } from './env.js';
import { etagOf, matchesEtag } from './etag.js';
import { preferredWaitSeconds } from './preferred-wait.js';
import { setPrivateHeaders } from './state-headers.js';
import type { Warning } from './warnings.js';

/** How images or batches are served over HTTP. */
export interface Resource<T> {
  locationOf: (id: string) => string;
  isSettled: (state: T) => boolean;
  waits: WaitHub<T>;
  shares: Pick<Shares, 'acquireWait'>;
  /** Sets the headers of every response with this resource. */
  setHeaders: (c: ApiContext, state: T) => void | Promise<void>;
  /** The response to the request that created the resource. */
  compose: (c: ApiContext, state: T, warnings: readonly Warning[]) => StoredResponse;
}

/** The claim of a request on its Idempotency-Key. */
interface CompletableClaim {
  /** Stores the response for repeats of the request. */
  complete(response: StoredResponse): Promise<void>;
}

/** The result of a request that creates a resource. */
export type Created<T> =
  | { outcome: 'created'; state: T; claim: CompletableClaim; warnings: readonly Warning[] }
  | { outcome: 'repeated'; state: T; response: StoredResponse | null; warnings: readonly Warning[] }
  /** The record has expired; the first response is still stored. */
  | { outcome: 'expired'; id: string; response: StoredResponse };

/** Waits, as long as `Prefer: wait` says, until the state is final or, with If-None-Match, has changed. Returns the newest state. */
export function waitForChange<T extends Versioned>(
  c: ApiContext,
  resource: Resource<T>,
  first: T,
): Promise<T> {
  const ifNoneMatch = c.req.header('If-None-Match');
  const isEnough = (state: T) =>
    ifNoneMatch === undefined ? resource.isSettled(state) : !matchesEtag(ifNoneMatch, state.version);
  return wait(c, resource, first, isEnough);
}

/** Responds to a request that creates a resource, and stores the response for its repeats. */
export async function respondCreated<T extends Versioned>(
  c: ApiContext,
  resource: Resource<T>,
  created: Created<T>,
): Promise<Response> {
  if (created.outcome !== 'created') c.header('Idempotency-Replayed', 'true');
  c.header('Location', resource.locationOf(created.outcome === 'expired' ? created.id : created.state.id));
  if (created.outcome === 'expired')
    return send(c, resource, null, created.response, versionIn(created.response));
  const { warnings } = created;
  if (created.outcome === 'repeated') {
    const response = created.response ?? resource.compose(c, created.state, warnings);
    return send(c, resource, created.state, response, versionIn(response));
  }
  // The resource is accepted even if Redis is unavailable now or the owner has no wait left.
  const state = await wait(c, resource, created.state, resource.isSettled).catch(() => created.state);
  const response = resource.compose(c, state, warnings);
  await created.claim.complete(response);
  return send(c, resource, state, response, state.version);
}

/** Responds to a POST that changes a resource, as to one that creates it. */
export async function respondChanged<T extends Versioned>(
  c: ApiContext,
  resource: Resource<T>,
  first: T,
): Promise<Response> {
  c.header('Location', resource.locationOf(first.id));
  const state = await wait(c, resource, first, resource.isSettled).catch(() => first);
  await resource.setHeaders(c, state);
  return respond(c, resource.compose(c, state, []));
}

async function wait<T extends Versioned>(
  c: ApiContext,
  { waits, shares }: Resource<T>,
  first: T,
  isEnough: (state: T) => boolean,
): Promise<T> {
  const ms = preferredWaitSeconds(c) * 1000;
  if (ms === 0 || isEnough(first)) return first;
  using _ = await shares.acquireWait(c.get('owner')).catch((error: unknown) => {
    c.header('Preference-Applied', undefined);
    throw error;
  });
  // Hono creates the signal when it is read, so only requests that wait pay for it.
  return await waits.wait(first, isEnough, ms, c.req.raw.signal);
}

const versionInBody = z.union([
  z.object({ image: z.object({ version: z.int() }) }).transform(({ image }) => image.version),
  z.object({ version: z.int() }).transform(({ version }) => version),
]);

/** A stored response may be older than the state, and its ETag must match its body. */
const versionIn = ({ body }: StoredResponse) => versionInBody.parse(JSON.parse(body));

async function send<T extends Versioned>(
  c: ApiContext,
  { setHeaders, isSettled }: Resource<T>,
  /** Null if the record has expired. */
  state: T | null,
  response: StoredResponse,
  version: number,
): Promise<Response> {
  if (state === null) setPrivateHeaders(c);
  else await setHeaders(c, state);
  c.header('ETag', etagOf(version));
  if (response.status === 202 && (state === null || isSettled(state))) c.header('Retry-After', '1');
  return respond(c, response);
}

function respond(c: ApiContext, { status, body, language }: StoredResponse): Response {
  c.header('Content-Type', status >= 400 ? 'application/problem+json' : 'application/json');
  if (language !== undefined) c.header('Content-Language', language);
  return c.body(body, status as ContentfulStatusCode);
}
