import { openTurns } from './turns.js';

/** Places for work that only so many may do at a time. While all are taken, owners take turns by the seconds that they had one. */
export interface Places {
  /**
   * A place; dispose of it when the work is done.
   * @param patience returns how long to wait; called if the owner must
   * @throws the reason of that signal, once it aborts
   */
  acquire(owner: string, patience?: () => AbortSignal): Promise<Disposable>;
  /** How many places the owner has, and how many it waits for. */
  of(owner: string): { held: number; waiting: number };
}

interface Owner {
  held: number;
  /** In the order in which they came. */
  waiting: Set<() => void>;
}

/** @param limits places of all owners together, and of each */
export function openPlaces(limits: { atOnce: number; ofOwner?: () => number }): Places {
  const { atOnce, ofOwner = () => atOnce } = limits;
  const turns = openTurns();
  const owners = new Map<string, Owner>();
  const inUse = new Set<{ owner: string; countedUntil: number }>();

  const mayHold = ({ held }: Owner) => inUse.size < atOnce && held < ofOwner();

  function lend(name: string, owner: Owner): Disposable {
    const place = { owner: name, countedUntil: performance.now() };
    inUse.add(place);
    owner.held++;
    return {
      [Symbol.dispose]() {
        if (!inUse.has(place)) return;
        count(place);
        inUse.delete(place);
        owner.held--;
        forget(name, owner);
        lendToWaiting();
      },
    };
  }

  function count(place: { owner: string; countedUntil: number }): void {
    const now = performance.now();
    turns.add(place.owner, (now - place.countedUntil) / 1000);
    place.countedUntil = now;
  }

  function lendToWaiting(): void {
    for (;;) {
      const waiting = [...owners].filter(([, owner]) => owner.waiting.size > 0 && mayHold(owner));
      if (waiting.length > 1) for (const place of inUse) count(place);
      const next = turns.next(waiting.map(([name]) => name));
      const [begin] = owners.get(next ?? '')?.waiting ?? [];
      if (begin === undefined) return;
      begin();
    }
  }

  function wait(name: string, owner: Owner, signal: AbortSignal | undefined): Promise<Disposable> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal?.removeEventListener('abort', onAbort);
        owner.waiting.delete(begin);
      };
      const begin = () => {
        leave();
        resolve(lend(name, owner));
      };
      const onAbort = () => {
        leave();
        forget(name, owner);
        reject(signal?.reason);
      };
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      owner.waiting.add(begin);
    });
  }

  function forget(name: string, { held, waiting }: Owner): void {
    if (held === 0 && waiting.size === 0) owners.delete(name);
  }

  return {
    async acquire(name, patience) {
      const owner = owners.get(name) ?? { held: 0, waiting: new Set() };
      owners.set(name, owner);
      const isFree = owner.waiting.size === 0 && mayHold(owner);
      return isFree ? lend(name, owner) : await wait(name, owner, patience?.());
    },
    of(name) {
      const { held, waiting } = owners.get(name) ?? { held: 0, waiting: new Set() };
      return { held, waiting: waiting.size };
    },
  };
}
