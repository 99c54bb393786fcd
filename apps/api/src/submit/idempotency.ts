import { PixdockError } from '@pixdock/contract/error';
import { BATCH_ID } from '@pixdock/contract/ids';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { Entry } from '@pixdock/shared/state/records/entry';
import {
  type Answer,
  type Claim,
  type DoneClaim,
  hashIdempotencyKey,
} from '@pixdock/shared/state/records/idempotency';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { invalid } from '../http/invalid.js';
import type { Created } from '../http/resource.js';
import { whenRedisIsBack } from '../when-redis-is-back.js';

/** A refused request waits so long for its key to be released, so that a repeat finds it free. */
const RELEASE_MS = 250;

/** The right to create a resource under an id. Disposal releases the Idempotency-Key, if there is one, unless `keep` was called. */
export interface CreationClaim extends AsyncDisposable {
  id: string;
  /** Turns the fingerprint of the request into the part of the staged entry that belongs to the key. */
  sign(fingerprint: string): Entry['idempotency'];
  /** Checks, once the resource is staged, that no other request has the key. @throws PixdockError idempotency_in_progress */
  confirm(): Promise<void>;
  /** The resource is accepted. */
  keep(): void;
  /** Stores the response for repeats of the request. */
  complete(answer: Answer): Promise<void>;
}

type ClaimedKey = { outcome: 'claimed'; claim: CreationClaim } | { outcome: 'done'; done: DoneClaim };

/**
 * Claims the Idempotency-Key of a request for the resource `newId`, or for the id of an earlier request that died. The
 * outcome is `done` when a request with this key has already created a resource.
 * @throws PixdockError invalid_request, idempotency_in_progress
 */
export async function claimKey(c: ApiContext, deps: ApiDeps, newId: string): Promise<ClaimedKey> {
  const key = parseIdempotencyKey(c.req.header('Idempotency-Key'));
  if (key === null) return { outcome: 'claimed', claim: withoutKey(newId) };
  const keyHash = hashIdempotencyKey(key);
  const claimed = await deps.idempotency.claim(c.get('owner'), keyHash, newId);
  if (claimed.outcome === 'running') throw new PixdockError('idempotency_in_progress');
  if (claimed.outcome === 'done') return claimed;
  faultpoint('key-claimed');
  const { claim } = claimed;
  const { resourceId } = claim;
  const fingerprint = resourceId === newId ? null : await readLeftover(deps, claim);
  if (fingerprint === null) return { outcome: 'claimed', claim: holdKey(c, deps, claim, keyHash) };
  // First of all: even if this request is refused, the key belongs to the resource that exists.
  await claim.complete(fingerprint, null);
  return { outcome: 'done', done: { state: 'done', resourceId, fingerprint, answer: null } };
}

/**
 * Answers a repeat with the current resource. When its record has expired, the stored response is all there is.
 * @throws any error of `reading`
 */
export async function repeatOf<T>(
  { resourceId: id, answer }: DoneClaim,
  reading: Promise<T>,
): Promise<Exclude<Created<T>, { outcome: 'made' }>> {
  try {
    return { outcome: 'repeated', made: await reading, answer };
  } catch (error) {
    const isForgotten = error instanceof PixdockError && error.code === 'not_found';
    if (!isForgotten || answer === null) throw error;
    return { outcome: 'outlived', id, answer };
  }
}

/**
 * The value of Idempotency-Key, quoted (a Structured Field string, as the draft has it) or bare; null without one.
 * @throws PixdockError invalid_request
 */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header.trim()) ?? [];
  const key = quoted === undefined ? header.trim() : quoted.replace(/\\(["\\])/g, '$1');
  if (key.length >= 1 && key.length <= 255 && /^[\x20-\x7e]+$/.test(key)) return key;
  throw invalid(
    'Idempotency-Key must be 1 to 255 printable ASCII characters.',
    'Idempotency-Key 必须为 1 到 255 个可打印 ASCII 字符。',
  );
}

function withoutKey(id: string): CreationClaim {
  return {
    id,
    sign: () => null,
    confirm: async () => {},
    keep: () => {},
    complete: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

function holdKey(c: ApiContext, deps: ApiDeps, claim: Claim, keyHash: string): CreationClaim {
  const id = claim.resourceId;
  let fingerprint = '';
  let isKept = false;
  return {
    id,
    sign(print) {
      fingerprint = print;
      return { keyHash, fingerprint };
    },
    confirm: () => claim.confirm(),
    keep() {
      isKept = true;
    },
    // The resource is accepted. A key that cannot be completed expires, and a repeat finds the staged resource.
    complete: (answer) =>
      claim.complete(fingerprint, answer).catch((error: unknown) => {
        c.get('log').warn({ err: asError(error) }, 'an answer could not be kept for its Idempotency-Key');
      }),
    async [Symbol.asyncDispose]() {
      if (isKept) return;
      // Redis may be the reason for the failure, and may not respond for a while.
      const released = whenRedisIsBack(deps, id, () => releaseUnlessStaged(deps, claim));
      await Promise.race([released, sleep(RELEASE_MS)]);
    },
  };
}

async function releaseUnlessStaged(deps: ApiDeps, claim: Claim): Promise<void> {
  const fingerprint = await stagedFingerprint(deps, claim.resourceId);
  await (fingerprint === null ? claim.release() : claim.complete(fingerprint, null));
}

/** As `stagedFingerprint`; stops renewing the claim if staging cannot be read. */
async function readLeftover(deps: ApiDeps, claim: Claim): Promise<string | null> {
  try {
    return await stagedFingerprint(deps, claim.resourceId);
  } catch (error) {
    claim.stop();
    throw error;
  }
}

/** Fingerprint of the request that staged an image or a batch; null when nothing is staged under the id. */
async function stagedFingerprint({ staging }: ApiDeps, id: string): Promise<string | null> {
  const entry = BATCH_ID.test(id)
    ? ((await staging.batches.open(id, 0))?.entry ?? null)
    : await staging.entry(id);
  return entry === null ? null : (entry.idempotency?.fingerprint ?? '');
}
