import { PixdockError } from '@pixdock/contract/error';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { keyedHash } from '@pixdock/shared/runtime/metadata-keys';
import type { Claim } from '@pixdock/shared/state/idempotency/claim';
import { hashIdempotencyKey, type KeyHashes } from '@pixdock/shared/state/idempotency/idempotency';
import type { DoneClaim, StoredResponse } from '@pixdock/shared/state/idempotency/stored-claim';
import type { Entry } from '@pixdock/shared/state/images/entry';
import type { UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import type { Parts } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { parseIdempotencyKey } from '../http/idempotency-key.js';
import { whenRedisIsBack } from '../when-redis-is-back.js';

/** How long a refused request waits for the release of its key, so that a repeat finds the key free. */
const RELEASE_MS = 250;

type Deps = Parts<'config' | 'idempotency' | 'staging' | 'log' | 'stopping'>;
type ClaimedKey =
  | { outcome: 'claimed'; claim: ReturnType<typeof openCreationClaim> }
  | { outcome: 'done'; done: DoneClaim };

/** The Idempotency-Key under which a resource is created. */
export interface IdempotencyUse {
  owner: string;
  /** Null for a request without a key. */
  keyHashes: KeyHashes | null;
  /** Id of the new resource. */
  id: string;
  /** Whether the id was chosen before this request, so that an earlier one may have created the resource. */
  isFixed: boolean;
}

/** The key in a request that creates a resource with the new id `id`. @throws PixdockError invalid_request */
export function keyInRequest(c: ApiContext, config: Parts<'config'>['config'], id: string): IdempotencyUse {
  const key = parseIdempotencyKey(c.req.header('Idempotency-Key'));
  const keyHashes = key === null ? null : keyHashesOf(c, config, key);
  return { owner: c.get('owner'), keyHashes, id, isFixed: false };
}

/** A resumable upload chose its key and the id of its resource when it began. */
export const keyOfUpload = ({ owner, keyHashes, resourceId }: UploadEntry): IdempotencyUse => ({
  owner,
  keyHashes,
  id: resourceId,
  isFixed: true,
});

/** The hashes of the key of a request: the keys of each upload token are separate. */
export function keyHashesOf(
  c: ApiContext,
  { metadataKeys }: Parts<'config'>['config'],
  key: string,
): KeyHashes {
  const { token } = c.get('caller');
  // A key has no control characters, so the keys of tokens and of the owner differ.
  return hashIdempotencyKey(metadataKeys, token === null ? key : `${token.id}\0${key}`);
}

/**
 * Claims an Idempotency-Key for a new resource, or for the id of an earlier request that crashed. The outcome is `done` if a
 * request with this key has already created a resource.
 * @throws PixdockError idempotency_in_progress
 */
export async function claimKey(
  c: ApiContext,
  deps: Deps,
  { owner, keyHashes, id, isFixed }: IdempotencyUse,
): Promise<ClaimedKey> {
  if (keyHashes === null) return { outcome: 'claimed', claim: openCreationClaim(c, deps, id, null) };
  const claimed = await deps.idempotency.claim(owner, keyHashes, id);
  if (claimed.outcome === 'running') throw new PixdockError('idempotency_in_progress');
  if (claimed.outcome === 'done') return claimed;
  faultpoint('key-claimed');
  const { claim } = claimed;
  const { resourceId } = claim;
  const fingerprint =
    resourceId === id && !isFixed
      ? null
      : await stagedFingerprint(deps, resourceId).catch((error: unknown) => {
          claim.stop();
          throw error;
        });
  if (fingerprint === null)
    return { outcome: 'claimed', claim: openCreationClaim(c, deps, resourceId, claim) };
  // Before anything can refuse this request: the key belongs to the resource that exists.
  await claim.complete(fingerprint, null);
  return { outcome: 'done', done: { state: 'done', resourceId, fingerprint, response: null } };
}

/** @throws PixdockError idempotency_conflict if the key was used for a request with another fingerprint */
export function expectSameRequest(
  { metadataKeys }: Parts<'config'>['config'],
  done: DoneClaim,
  fingerprint: string,
): void {
  const isSame = metadataKeys.some((key) => keyedHash(key, 'fingerprint', fingerprint) === done.fingerprint);
  if (!isSame) throw new PixdockError('idempotency_conflict');
}

/**
 * The right to create a resource under an id. Disposal releases its Idempotency-Key unless `keep` was called.
 * @param claim null for a request without a key
 */
function openCreationClaim(c: ApiContext, deps: Deps, id: string, claim: Claim | null) {
  let fingerprint = '';
  let isKept = false;
  return {
    id,
    /**
     * Turns the fingerprint of the request into the part of the staged entry that belongs to the key: an HMAC, because a person
     * could guess the fields of a request.
     */
    sign(value: string): Entry['idempotency'] {
      if (claim === null) return null;
      fingerprint = keyedHash(deps.config.metadataKeys[0], 'fingerprint', value);
      return { keyHash: claim.keyHash, fingerprint };
    },
    /** Checks, after staging, that no other request has taken the key. @throws PixdockError idempotency_in_progress */
    confirm: async () => claim?.confirm(),
    /** Keeps the key: the resource is accepted. */
    keep(): void {
      isKept = true;
    },
    /** Stores the response for repeats. A claim that cannot be completed expires; a repeat then finds the staged resource. */
    complete: async (response: StoredResponse) =>
      claim?.complete(fingerprint, response).catch((error: unknown) => {
        const requestId = c.get('requestId');
        deps.log.warn(
          { requestId, err: asError(error) },
          'cannot store the response for its Idempotency-Key',
        );
      }),
    async [Symbol.asyncDispose]() {
      if (claim === null || isKept) return;
      // Redis may be down, so the response does not wait for the release.
      const released = whenRedisIsBack(deps, id, () => releaseUnlessStaged(deps, claim));
      await Promise.race([released, sleep(RELEASE_MS)]);
    },
  };
}

async function releaseUnlessStaged(deps: Deps, claim: Claim): Promise<void> {
  const fingerprint = await stagedFingerprint(deps, claim.resourceId);
  await (fingerprint === null ? claim.release() : claim.complete(fingerprint, null));
}

/** The fingerprint of the request that staged an image or a batch; null if nothing is staged under the id. */
async function stagedFingerprint({ staging }: Deps, id: string): Promise<string | null> {
  const entry = await staging.adopt(id);
  // No HMAC is empty, so that every repeat of the key is refused.
  return entry === null ? null : (entry.idempotency?.fingerprint ?? '');
}
