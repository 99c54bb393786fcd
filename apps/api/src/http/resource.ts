import type { Answer } from '@pixdock/shared/state/records/idempotency';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Shares } from '../limits/shares.js';
import type { Versioned } from '../waits/shared-reads.js';
import type { WaitHub } from '../waits/wait-hub.js';
import type { ApiContext } from './env.js';
import { etagOf, matchesEtag } from './etag.js';
import { preferredWaitSeconds } from './preferred-wait.js';
import { setPrivateHeaders } from './state-headers.js';

/** What HTTP has to know of images or of batches. */
export interface Resource<T> {
  locationOf: (id: string) => string;
  isFinal: (state: T) => boolean;
  waits: WaitHub<T>;
  shares: Pick<Shares, 'holdWait'>;
  /** Sets what every answer with one has. */
  setHeaders: (c: ApiContext, state: T) => void | Promise<void>;
  /** The answer to the request that made it. */
  compose: (c: ApiContext, state: T) => Answer;
}

/** The claim of a request on its Idempotency-Key, if it has one. */
interface CompletableClaim {
  /** Stores the response for repeats of the request. */
  complete(answer: Answer): Promise<void>;
}

/** The result of a request that creates a resource. */
export type Created<T> =
  | { outcome: 'made'; made: T; claim: CompletableClaim }
  | { outcome: 'repeated'; made: T; answer: Answer | null }
  /** What was made is forgotten by now, the first answer is not. */
  | { outcome: 'outlived'; id: string; answer: Answer };

/** The state once it is final or, with If-None-Match, has changed; or the newest when the time of `Prefer: wait` is over. */
export function waitForChange<T extends Versioned>(
  c: ApiContext,
  resource: Resource<T>,
  first: T,
): Promise<T> {
  const ifNoneMatch = c.req.header('If-None-Match');
  const enough = (state: T) =>
    ifNoneMatch === undefined ? resource.isFinal(state) : !matchesEtag(ifNoneMatch, state.version);
  return wait(c, resource, first, enough);
}

/** Answers a request that was to make something, and keeps the answer for its repeats. */
export async function respondCreated<T extends Versioned>(
  c: ApiContext,
  resource: Resource<T>,
  created: Created<T>,
): Promise<Response> {
  if (created.outcome !== 'made') c.header('Idempotency-Replayed', 'true');
  c.header('Location', resource.locationOf(created.outcome === 'outlived' ? created.id : created.made.id));
  if (created.outcome === 'outlived') return send(c, resource, null, created.answer);
  const { made } = created;
  if (created.outcome === 'repeated')
    return send(c, resource, made, created.answer ?? resource.compose(c, made));
  // It is accepted, also when Redis is unavailable now, or when the owner has no wait left.
  const state = await wait(c, resource, made, resource.isFinal).catch(() => made);
  const answer = resource.compose(c, state);
  await created.claim.complete(answer);
  return send(c, resource, state, answer);
}

async function wait<T extends Versioned>(
  c: ApiContext,
  { waits, shares }: Resource<T>,
  first: T,
  enough: (state: T) => boolean,
): Promise<T> {
  const ms = preferredWaitSeconds(c) * 1000;
  if (ms === 0 || enough(first)) return first;
  await using _ = await shares.holdWait(c.get('owner')).catch((error: unknown) => {
    c.header('Preference-Applied', undefined);
    throw error;
  });
  // Reading the signal creates it.
  return await waits.wait(first, enough, ms, c.req.raw.signal);
}

const answeredSchema = z.union([
  z.object({ image: z.object({ version: z.int() }) }).transform(({ image }) => image.version),
  z.object({ version: z.int() }).transform(({ version }) => version),
]);

async function send<T extends Versioned>(
  c: ApiContext,
  { setHeaders, isFinal }: Resource<T>,
  /** Null when it is forgotten. */
  state: T | null,
  { status, body, language }: Answer,
): Promise<Response> {
  if (state === null) setPrivateHeaders(c);
  else await setHeaders(c, state);
  // A remembered answer may be older than the state, and its ETag must be that of what it holds.
  c.header('ETag', etagOf(answeredSchema.parse(JSON.parse(body))));
  if (status === 202 && (state === null || isFinal(state))) c.header('Retry-After', '1');
  c.header('Content-Type', status >= 400 ? 'application/problem+json' : 'application/json');
  if (language !== undefined) c.header('Content-Language', language);
  return c.body(body, status as ContentfulStatusCode);
}
