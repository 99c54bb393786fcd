import { randomUUID } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import { nowMs, sleep } from '../../runtime/clock.js';
import { keyedHash, type MetadataKeys } from '../../runtime/metadata-keys.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import type { Entry } from '../images/entry.js';
import { recordKeys } from '../record-keys.js';
import { type Claim, type CompareAndSet, openClaim, RESTORE_POLL_MS, RESTORE_TIMEOUT_MS } from './claim.js';
import { openClaimBytes } from './claim-bytes.js';
import { claimSchema, type DoneClaim, doneClaim, isAlive, kindOf, runningClaim } from './stored-claim.js';

const KEPT_MS = 24 * 3600 * 1000;

export type ClaimOutcome =
  | { outcome: 'claimed'; claim: Claim }
  | { outcome: 'running' }
  | { outcome: 'done'; done: DoneClaim };

/** Idempotency-Keys of one owner at a time (draft-ietf-httpapi-idempotency-key-header-07). */
export function openIdempotency(redis: RedisConnection, prefix: string) {
  const keys = recordKeys(prefix);
  const claimBytes = openClaimBytes(redis, prefix);
  const script = loadScript<-1 | 0 | 1>('compare-and-set');

  const compareAndSet: CompareAndSet = async (key, change, required = null, absent = []) => {
    const keysOfCall = required === null ? [key] : [key, required, ...absent];
    const result = await script(redis, keysOfCall, { ttlMs: KEPT_MS, ...change });
    if (result === -1) return 'not-restored';
    return result === 1 ? 'set' : 'refused';
  };

  const claimed = (owner: string, keyHash: string, resourceId: string, claimToken: string): ClaimOutcome => {
    const own = { key: keys.idempotency(owner, keyHash), keyHash, epoch: keys.epoch };
    const countBytes = (response: string) => claimBytes.add(owner, response);
    return { outcome: 'claimed', claim: openClaim(compareAndSet, own, resourceId, claimToken, countBytes) };
  };

  return {
    /**
     * Claims the key for a request that would create `resourceId`, unless there is a claim under one of its other hashes.
     * @throws PixdockError queue_unavailable if Redis is not restored soon; idempotency_conflict if the key was used for the
     * other kind of resource
     */
    async claim(owner: string, keyHashes: KeyHashes, resourceId: string): Promise<ClaimOutcome> {
      const [newest, ...older] = keyHashes.map((hash) => keys.idempotency(owner, hash)) as [
        string,
        ...string[],
      ];
      const claimToken = randomUUID();
      const end = performance.now() + RESTORE_TIMEOUT_MS;
      // Most keys are new: write first, and read only if that fails.
      for (let stored = firstOf([]); ; stored = firstOf(await redis.mget(newest, ...older))) {
        const keyHash = keyHashes[stored.at] ?? keyHashes[0];
        const found = stored.text === null ? null : claimSchema.parse(JSON.parse(stored.text));
        // Redis executed our write, and the client sent it again after its reply was lost.
        if (found?.state === 'running' && found.claimToken === claimToken)
          return claimed(owner, keyHash, found.resourceId, claimToken);
        if (found?.state === 'running' && isAlive(found.leaseUntil - nowMs())) return { outcome: 'running' };
        if (found !== null && kindOf(found.resourceId) !== kindOf(resourceId))
          throw new PixdockError('idempotency_conflict');
        if (found?.state === 'done') return { outcome: 'done', done: found };
        const id = found?.resourceId ?? resourceId;
        const change = { expected: stored.text ?? undefined, value: runningClaim(id, claimToken) };
        const key = keys.idempotency(owner, keyHash);
        const result = await compareAndSet(key, change, keys.epoch, found === null ? older : []);
        if (result === 'set') return claimed(owner, keyHash, id, claimToken);
        if (result === 'refused') continue;
        // Until the restore has ended, Redis may lack the claim of an earlier request.
        if (performance.now() > end) throw new PixdockError('queue_unavailable');
        await sleep(RESTORE_POLL_MS);
      }
    },

    /** Removes the stored response of a deleted image or batch: repeats get its current state. */
    async eraseResponse(
      owner: string,
      { keyHash, fingerprint }: NonNullable<Entry['idempotency']>,
      resourceId: string,
    ): Promise<void> {
      // A request that still runs can then no longer store its response.
      const value = doneClaim(resourceId, fingerprint, null);
      await compareAndSet(keys.idempotency(owner, keyHash), {
        expected: `"resourceId":"${resourceId}"`,
        value,
      });
    },

    /**
     * Restores the claim of a staged image or batch for the rest of its 24 hours, unless Redis has it.
     * @param resource its id and submission time
     */
    async restore(
      owner: string,
      { keyHash, fingerprint }: NonNullable<Entry['idempotency']>,
      resource: { id: string; createdAt: string },
    ): Promise<void> {
      const ttlMs = Date.parse(resource.createdAt) + KEPT_MS - nowMs();
      if (ttlMs <= 0) return;
      await redis.set(
        keys.idempotency(owner, keyHash),
        doneClaim(resource.id, fingerprint, null),
        'PX',
        ttlMs,
        'NX',
      );
    },
  };
}

export type Idempotency = ReturnType<typeof openIdempotency>;

/** The hashes of an Idempotency-Key under every key of METADATA_KEY, the current one first. */
export type KeyHashes = readonly [string, ...string[]];

/** Hashes an Idempotency-Key, which may be the number of an order or a phone. It is never stored itself. */
export function hashIdempotencyKey([current, ...older]: MetadataKeys, key: string): KeyHashes {
  const hash = (metadataKey: MetadataKeys[0]) => keyedHash(metadataKey, 'idempotency-key', key);
  return [hash(current), ...older.map(hash)];
}

/** The first claim that exists, and its index; null and -1 if none does. */
function firstOf(claims: readonly (string | null)[]) {
  const at = claims.findIndex((claim) => claim !== null);
  return { text: claims[at] ?? null, at };
}
