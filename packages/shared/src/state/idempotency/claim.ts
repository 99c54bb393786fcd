import { PixdockError } from '@pixdock/contract/error';
import { sleep } from '../../runtime/clock.js';
import { doneClaim, LEASE_MS, runningClaim, type StoredResponse } from './stored-claim.js';

/** How often, and for how long, a request checks whether Redis is restored. */
export const RESTORE_POLL_MS = 100;
export const RESTORE_TIMEOUT_MS = 1500;

export interface Claim {
  /** The hash of the Idempotency-Key under which the claim is stored. */
  keyHash: string;
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
  /** Stops renewing the claim. */
  stop(): void;
}

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

/** Renews the claim until it is stopped. The token identifies the claim even if the reply to a write was lost. */
export function renewClaim(
  compareAndSet: CompareAndSet,
  { key, epoch }: { key: string; epoch: string },
  resourceId: string,
  claimToken: string,
): Omit<Claim, 'keyHash'> {
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
        const result = await compareAndSet(key, change, performance.now() < end ? epoch : null);
        if (result === 'set') return;
        if (result === 'refused') throw new PixdockError('idempotency_in_progress');
        await sleep(RESTORE_POLL_MS);
      }
    },
    async complete(fingerprint, response) {
      stop();
      await replace(doneClaim(resourceId, fingerprint, response));
    },
    async release() {
      stop();
      if ((await replace(undefined)) === 'set') return;
      // A restore may have completed the claim, since it found the resource in staging.
      await compareAndSet(key, { expected: `"state":"done",${own}`, value: undefined });
    },
  };
}
