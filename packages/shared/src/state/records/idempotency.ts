import { createHash, randomUUID } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import { sleep } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import type { Entry } from './entry.js';
import { recordKeys } from './keys.js';
import {
  claimSchema,
  type DoneClaim,
  doneClaim,
  isHeld,
  kindOf,
  LEASE_MS,
  runningClaim,
  type StoredResponse,
} from './stored-claim.js';

const KEPT_MS = 24 * 3600 * 1000;

/** How often, and for how long, a request checks whether Redis is restored. */
const RESTORE_POLL_MS = 100;
const RESTORE_TIMEOUT_MS = 1500;

export interface Claim {
  /** The id that this request must use: its own, or that of a dead request with the same key. */
  resourceId: string;
  /**
   * Verifies, after staging and before responding, that this request still has the key: Redis may have lost the claim in
   * the meantime. A later restore finds the claim in staging.
   * @throws PixdockError idempotency_in_progress if another request has the key
   */
  confirm(): Promise<void>;
  /** Stores the response for 24 hours. */
  complete(fingerprint: string, response: StoredResponse | null): Promise<void>;
  /** Frees the key of a request that failed. */
  release(): Promise<void>;
  /** Stops renewing the lease. */
  stop(): void;
}

export type ClaimOutcome =
  | { outcome: 'claimed'; claim: Claim }
  | { outcome: 'running' }
  | { outcome: 'done'; done: DoneClaim };

type CompareAndSetFields = {
  expected: string | undefined;
  orAbsent?: true;
  value: string | undefined;
  ttlMs: number;
};

/** Idempotency-Keys of one owner at a time (draft-ietf-httpapi-idempotency-key-header-07). */
export function openIdempotency(redis: RedisConnection, prefix: string) {
  const keys = recordKeys(prefix);
  const script = loadScript<CompareAndSetFields, -1 | 0 | 1>('claim-compare-and-set');

  /** Null if the key `required` does not exist. */
  async function compareAndSet(
    key: string,
    change: Pick<CompareAndSetFields, 'expected' | 'orAbsent' | 'value'>,
    required: string | null = null,
  ): Promise<boolean | null> {
    const keysOfCall = required === null ? [key] : [key, required];
    const result = await script(redis, keysOfCall, { ttlMs: KEPT_MS, ...change });
    return result === -1 ? null : result === 1;
  }

  return {
    /**
     * Claims the key for a request that would create `resourceId`.
     * @throws PixdockError queue_unavailable if Redis is not restored soon; idempotency_conflict if the key was used for the
     * other kind of resource
     */
    async claim(owner: string, keyHash: string, resourceId: string): Promise<ClaimOutcome> {
      const key = keys.idempotency(owner, keyHash);
      const claimToken = randomUUID();
      const end = performance.now() + RESTORE_TIMEOUT_MS;
      // Most keys are new: write first, and read only if that fails.
      for (let seen = ''; ; seen = (await redis.get(key)) ?? '') {
        const found = seen === '' ? null : claimSchema.parse(JSON.parse(seen));
        // Redis executed our write, and the client sent it again after its reply was lost.
        if (found?.state === 'running' && found.mark === claimToken)
          return { outcome: 'claimed', claim: holdClaim(key, found.resourceId, claimToken) };
        if (found?.state === 'running' && isHeld(found.leaseUntil - Date.now()))
          return { outcome: 'running' };
        if (found !== null && kindOf(found.resourceId) !== kindOf(resourceId))
          throw new PixdockError('idempotency_conflict');
        if (found?.state === 'done') return { outcome: 'done', done: found };
        const id = found?.resourceId ?? resourceId;
        const change = { expected: seen === '' ? undefined : seen, value: runningClaim(id, claimToken) };
        const isSet = await compareAndSet(key, change, keys.epoch);
        // Until the restore has ended, Redis may lack the claim of an earlier request.
        if (isSet === null && performance.now() > end) throw new PixdockError('queue_unavailable');
        if (isSet === null) await sleep(RESTORE_POLL_MS);
        else if (isSet) return { outcome: 'claimed', claim: holdClaim(key, id, claimToken) };
      }
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
      const ttlMs = Date.parse(resource.createdAt) + KEPT_MS - Date.now();
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

  /** Renews the claim until it is stopped. The token identifies the claim even if the reply to a write was lost. */
  function holdClaim(key: string, resourceId: string, claimToken: string): Claim {
    let pending: Promise<boolean | null> = Promise.resolve(true);
    // One write at a time: a late renewal must not overwrite the stored response.
    const replace = (value: string | undefined) => {
      pending = pending.catch(() => false).then(() => compareAndSet(key, { expected: claimToken, value }));
      return pending;
    };
    const own = `"resourceId":"${resourceId}"`;
    const renew = () => void replace(runningClaim(resourceId, claimToken)).catch(() => {});
    const timer = setInterval(renew, LEASE_MS / 3);
    const stop = () => clearInterval(timer);
    return {
      resourceId,
      stop,
      async confirm() {
        const change = {
          expected: own,
          orAbsent: true,
          value: runningClaim(resourceId, claimToken),
        } as const;
        const end = performance.now() + RESTORE_TIMEOUT_MS;
        for (;;) {
          // A restore may find that another request has the key. A longer one need not end first: it finds this claim staged.
          const isSet = await compareAndSet(key, change, performance.now() < end ? keys.epoch : null);
          if (isSet === true) return;
          if (isSet === false) throw new PixdockError('idempotency_in_progress');
          await sleep(RESTORE_POLL_MS);
        }
      },
      async complete(fingerprint, response) {
        stop();
        await replace(doneClaim(resourceId, fingerprint, response));
      },
      async release() {
        stop();
        if (await replace(undefined)) return;
        // A restore may have completed the claim, since it found the resource in staging.
        await compareAndSet(key, { expected: `"state":"done",${own}`, value: undefined });
      },
    };
  }
}

export type Idempotency = ReturnType<typeof openIdempotency>;

/** Hex SHA-256: the key itself is never stored. */
export function hashIdempotencyKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
