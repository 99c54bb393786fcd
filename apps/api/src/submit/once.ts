import { PixdockError } from '@pixdock/contract/error';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { Entry } from '@pixdock/shared/state/records/entry';
import { type Claim, type DoneClaim, hashIdempotencyKey } from '@pixdock/shared/state/records/idempotency';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { Created } from '../http/resource.js';
import { onceRedisAnswers } from '../once-redis-answers.js';
import { parseIdempotencyKey } from './idempotency-key.js';

const RELEASE_MS = 250;

/** What who makes something does about its Idempotency-Key, if there is one. */
export interface Keyed {
  /** Turns the request's fingerprint into what is staged of the key beside what it makes. */
  stamp: (fingerprint: string) => Entry['idempotency'];
  /** Once it is staged, and before it is told of. @throws PixdockError when the key is not its any more */
  confirm: () => Promise<void>;
}

const WITHOUT_KEY: Keyed = { stamp: () => null, confirm: async () => {} };

/** How one kind of thing is made by a POST. */
export interface Creation<T> {
  newId(): string;
  /** Fingerprint of the thing with this id, when a request that died before its answer has made it. */
  left(id: string): Promise<string | null>;
  make(id: string, keyed: Keyed): Promise<T>;
  /** Reads the body, and makes nothing: only it tells whether this is the same request. */
  fingerprint(): Promise<string>;
  /** What an earlier request made, and nothing of it wanting. */
  find(id: string): Promise<T>;
}

/** Makes something once: with an Idempotency-Key a repeat gets the first one's answer. */
export async function once<T>(c: ApiContext, deps: ApiDeps, creation: Creation<T>): Promise<Created<T>> {
  const key = parseIdempotencyKey(c.req.header('Idempotency-Key'));
  if (key === null) {
    const made = await creation.make(creation.newId(), WITHOUT_KEY);
    return { outcome: 'made', made, remember: async () => {} };
  }
  const keyHash = hashIdempotencyKey(key);
  const newId = creation.newId();
  const claimed = await deps.idempotency.claim(c.get('owner'), keyHash, newId);
  if (claimed.outcome === 'running') throw new PixdockError('idempotency_in_progress');
  if (claimed.outcome === 'done') return repeat(creation, claimed.done);
  const { claim } = claimed;
  faultpoint('key-claimed');
  return claim.resourceId === newId
    ? makeClaimed(c, deps, creation, claim, keyHash)
    : takeOver(c, deps, creation, claim, keyHash);
}

/** Goes on where a request with the same key has died. */
async function takeOver<T>(
  c: ApiContext,
  deps: ApiDeps,
  creation: Creation<T>,
  claim: Claim,
  keyHash: string,
): Promise<Created<T>> {
  const { resourceId } = claim;
  const left = await creation.left(resourceId).catch((error: unknown) => {
    claim.stop();
    throw error;
  });
  if (left === null) return makeClaimed(c, deps, creation, claim, keyHash);
  // First of all: whatever becomes of this repeat, the key is that of what is there, and not free.
  await claim.complete(left, null);
  return repeat(creation, { state: 'done', resourceId, fingerprint: left, answer: null });
}

async function makeClaimed<T>(
  c: ApiContext,
  deps: ApiDeps,
  creation: Creation<T>,
  claim: Claim,
  keyHash: string,
): Promise<Created<T>> {
  const { resourceId } = claim;
  try {
    let fingerprint = '';
    const made = await creation.make(resourceId, {
      stamp(print) {
        fingerprint = print;
        return { keyHash, fingerprint };
      },
      confirm: () => claim.confirm(),
    });
    return {
      outcome: 'made',
      made,
      // Accepted is accepted: a key that cannot be completed runs out, and its repeat joins what was made.
      remember: (answer) =>
        claim.complete(fingerprint, answer).catch((error) => {
          c.get('log').warn({ err: asError(error) }, 'an answer could not be kept for its Idempotency-Key');
        }),
    };
  } catch (error) {
    // Redis may be why it failed, and then does not answer this either for a while.
    const settled = onceRedisAnswers(deps, resourceId, () => settle(creation, claim));
    await Promise.race([settled, sleep(RELEASE_MS)]);
    throw error;
  }
}

/** Frees the key of a request that made nothing. Where something is left of it all the same, a repeat is to find that. */
async function settle<T>(creation: Creation<T>, claim: Claim): Promise<void> {
  const left = await creation.left(claim.resourceId);
  await (left === null ? claim.release() : claim.complete(left, null));
}

async function repeat<T>(creation: Creation<T>, done: DoneClaim): Promise<Created<T>> {
  if ((await creation.fingerprint()) !== done.fingerprint) throw new PixdockError('idempotency_conflict');
  const { resourceId: id, answer } = done;
  try {
    return { outcome: 'repeated', made: await creation.find(id), answer };
  } catch (error) {
    const isForgotten = error instanceof PixdockError && error.code === 'not_found';
    if (!isForgotten || answer === null) throw error;
    return { outcome: 'outlived', id, answer };
  }
}
