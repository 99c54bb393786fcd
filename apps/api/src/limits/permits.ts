import { PixdockError } from '@pixdock/contract/error';
import type { Detail } from '@pixdock/contract/messages/detail';
import { openPlaces } from '@pixdock/shared/runtime/places';

export interface PermitLimits {
  /** Permits of all owners together. */
  atOnce: number;
  /** Permits of one owner; does not apply where there is one owner only. */
  ofOwner: number;
  /** Requests of one owner that may wait for a permit; does not apply where there is one owner only. */
  queuedOfOwner: number;
  /** How long a request waits for its permit. */
  patienceMs: number;
  /** Detail of the error for an owner that is over its limit. */
  refusal: Detail;
}

export interface Permits {
  /**
   * A permit for expensive work; dispose of it when the work is done. Owners take turns.
   * @throws PixdockError rate_limited when the owner is over its limit, overloaded when all owners together are
   */
  acquire(owner: string): Promise<Disposable>;
}

export function openPermits(limits: PermitLimits, hasManyOwners: () => boolean): Permits {
  const { atOnce, patienceMs, refusal } = limits;
  const ofOwner = () => (hasManyOwners() ? limits.ofOwner : atOnce);
  const places = openPlaces({ atOnce, ofOwner });
  const rateLimited = () => new PixdockError('rate_limited', refusal, { retryAfterSeconds: 1 });
  return {
    async acquire(owner) {
      if (hasManyOwners() && places.of(owner).waiting >= limits.queuedOfOwner) throw rateLimited();
      try {
        return await places.acquire(owner, () => AbortSignal.timeout(patienceMs));
      } catch {
        const isOwnersLimit = hasManyOwners() && places.of(owner).held >= ofOwner();
        throw isOwnersLimit ? rateLimited() : new PixdockError('overloaded');
      }
    },
  };
}
