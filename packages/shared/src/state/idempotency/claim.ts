import { PixdockError } from '@pixdock/contract/error';
import { sleep } from '../../runtime/clock.js';
import { doneClaim, LEASE_MS, runningClaim, type StoredResponse } from './stored-claim.js';

/** How often, and for how long, a request checks whether Redis is restored. */
export const RESTORE_POLL_MS = 100;
export const RESTORE_TIMEOUT_MS = 1500;

/**
 * Replaces the claim of a key. Refused if the claim is another's or one of `absent` exists.
 * @param required the key of an epoch that must have all claims
 */
export type CompareAndSet = (
  key: string,
  change: { expected: string | undefined; orAbsent?: true; value: string | undefined },
  required?: string | null,
  absent?: readonly string[],
) => Promise<'set' | 'refused' | 'not-restored'>;

/**
 * Renews the claim until it is stopped. The token identifies the claim even if the reply to a write was lost.
 * @param key under which it is stored, with the hash of the Idempotency-Key, and the key of the epoch
 * @param resourceId the id that this request must use: its own, or that of a dead request with the same key
 */
export function openClaim(
  compareAndSet: CompareAndSet,
  { key, keyHash, epoch }: Record<'key' | 'keyHash' | 'epoch', string>,
  resourceId: string,
  claimToken: string,
  countBytes: (response: string) => Promise<void>,
) {
  let pending: Promise<unknown> = Promise.resolve();
  // One write at a time: a late renewal must not overwrite the stored response.
  const replace = (value: string | undefined) => {
    const next = pending.catch(() => {}).then(() => compareAndSet(key, { expected: claimToken, value }));
    pending = next;
    return next;
  };
  const own = `"resourceId":"${resourceId}"`;
  const renew = () => void replace(runningClaim(resourceId, claimToken)).catch(() => {});
  const timer = setInterval(renew, LEASE_MS / 3);
  const stop = () => clearInterval(timer);
  return {
    keyHash,
    resourceId,
    /** Stops renewing the claim. */
    stop,
    /**
     * Verifies, after staging and before responding, that this request still has the key: Redis may have lost the claim in
     * the meantime. A later restore finds the claim in staging.
     * @throws PixdockError idempotency_in_progress if another request has the key
     */
    async confirm(): Promise<void> {
      const change = {
        expected: own,
        orAbsent: true,
        value: runningClaim(resourceId, claimToken),
      } as const;
      const end = performance.now() + RESTORE_TIMEOUT_MS;
      for (;;) {
        // A restore may find that another request has the key. A longer one need not end first: it finds this claim staged.
        const result = await compareAndSet(key, change, performance.now() < end ? epoch : null);
        if (result === 'set') return;
        if (result === 'refused') throw new PixdockError('idempotency_in_progress');
        await sleep(RESTORE_POLL_MS);
      }
    },
    /** Stores the response for 24 hours. */
    async complete(fingerprint: string, response: StoredResponse | null): Promise<void> {
      stop();
      const counted = response === null ? undefined : countBytes(response.body);
      await Promise.all([replace(doneClaim(resourceId, fingerprint, response)), counted]);
    },
    /** Frees the key of a request that failed. */
    async release(): Promise<void> {
      stop();
      if ((await replace(undefined)) === 'set') return;
      // A restore may have completed the claim, since it found the resource in staging.
      await compareAndSet(key, { expected: `"state":"done",${own}`, value: undefined });
    },
  };
}

export type Claim = ReturnType<typeof openClaim>;
