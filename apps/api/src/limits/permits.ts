import { PixdockError } from '@pixdock/contract/error';
import type { Detail } from '@pixdock/contract/messages/detail';

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

interface Owner {
  held: number;
  queue: Set<() => void>;
}

export function openPermits(limits: PermitLimits, hasManyOwners: () => boolean): Permits {
  const { atOnce, patienceMs, refusal } = limits;
  const ofOwner = () => (hasManyOwners() ? limits.ofOwner : atOnce);
  const queuedOfOwner = () => (hasManyOwners() ? limits.queuedOfOwner : Number.POSITIVE_INFINITY);
  const owners = new Map<string, Owner>();
  let held = 0;

  return {
    async acquire(name) {
      const owner = owners.get(name) ?? { held: 0, queue: new Set() };
      owners.set(name, owner);
      if (owner.queue.size >= queuedOfOwner()) throw rateLimited();
      if (owner.queue.size === 0 && mayHold(owner)) take(owner);
      else await waitInQueue(name, owner);
      return { [Symbol.dispose]: () => release(name, owner) };
    },
  };

  function mayHold(owner: Owner): boolean {
    return held < atOnce && owner.held < ofOwner();
  }

  function take(owner: Owner): void {
    held++;
    owner.held++;
  }

  function release(name: string, owner: Owner): void {
    held--;
    owner.held--;
    // Move the owner behind the other owners.
    owners.delete(name);
    if (owner.held > 0 || owner.queue.size > 0) owners.set(name, owner);
    for (const next of owners.values()) {
      const [enter] = next.queue;
      if (enter !== undefined && mayHold(next)) return enter();
    }
  }

  function waitInQueue(name: string, owner: Owner): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        owner.queue.delete(enter);
        take(owner);
        resolve();
      };
      const timer = setTimeout(() => {
        owner.queue.delete(enter);
        const isOwnersLimit = hasManyOwners() && owner.held >= ofOwner();
        if (owner.held === 0 && owner.queue.size === 0) owners.delete(name);
        reject(isOwnersLimit ? rateLimited() : new PixdockError('overloaded'));
      }, patienceMs);
      owner.queue.add(enter);
    });
  }

  function rateLimited(): PixdockError {
    return new PixdockError('rate_limited', refusal, { retryAfterSeconds: 1 });
  }
}
