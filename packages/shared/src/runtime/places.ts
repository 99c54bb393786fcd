import { openTurns } from './turns.js';

/** Urgent requests of an owner in a row while others of it wait. Then one of those has a place, so that they get a quarter. */
const URGENT_IN_A_ROW = 3;

/** Places for work that only so many may do at a time. While all are taken, owners take turns by the seconds that they had one. */
export interface Places {
  /**
   * A place; dispose of it when the work is done.
   * @param patience returns how long to wait; called if the owner must
   * @param isUrgent precedes the owner's other requests
   * @throws the reason of that signal, once it aborts
   */
  acquire(owner: string, patience?: () => AbortSignal, isUrgent?: boolean): Promise<Disposable>;
  /** Lends places that are free to owners whose limit has risen meanwhile. */
  lendFree(): void;
  /** How many places the owner has, and how many it waits for. */
  of(owner: string): { held: number; waiting: number };
}

interface Owner {
  held: number;
  /** In the order in which they came. */
  waiting: Set<Request>;
  urgentInARow: number;
}

interface Request {
  isUrgent: boolean;
  begin: () => void;
}

/**
 * @param atOnce places of all owners together
 * @param ofOwner the most that an owner may have while so many are free. Default: all
 */
export function openPlaces(limits: {
  atOnce: number;
  ofOwner?: (owner: string, free: number) => number;
}): Places {
  const { atOnce, ofOwner = () => atOnce } = limits;
  const turns = openTurns();
  const owners = new Map<string, Owner>();
  const inUse = new Set<{ owner: string; countedUntil: number }>();

  function mayHold(name: string, { held }: Owner): boolean {
    const free = atOnce - inUse.size;
    return free > 0 && held < ofOwner(name, free);
  }

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
        lendFree();
      },
    };
  }

  function count(place: { owner: string; countedUntil: number }): void {
    const now = performance.now();
    turns.add(place.owner, (now - place.countedUntil) / 1000);
    place.countedUntil = now;
  }

  function lendFree(): void {
    for (;;) {
      const waiting = [...owners].filter(([name, owner]) => owner.waiting.size > 0 && mayHold(name, owner));
      if (waiting.length > 1) for (const place of inUse) count(place);
      const next = owners.get(turns.next(waiting.map(([name]) => name)) ?? '');
      if (next === undefined) return;
      nextOf(next)?.begin();
    }
  }

  function nextOf(owner: Owner): Request | undefined {
    const waiting = [...owner.waiting];
    const urgent = waiting.find(({ isUrgent }) => isUrgent);
    const other = waiting.find(({ isUrgent }) => !isUrgent);
    const isUrgentsTurn = other === undefined || owner.urgentInARow < URGENT_IN_A_ROW;
    owner.urgentInARow =
      urgent !== undefined && other !== undefined && isUrgentsTurn ? owner.urgentInARow + 1 : 0;
    return isUrgentsTurn ? (urgent ?? other) : other;
  }

  function wait(
    name: string,
    owner: Owner,
    isUrgent: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Disposable> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal?.removeEventListener('abort', onAbort);
        owner.waiting.delete(request);
      };
      const begin = () => {
        leave();
        resolve(lend(name, owner));
      };
      const request = { isUrgent, begin };
      const onAbort = () => {
        leave();
        forget(name, owner);
        reject(signal?.reason);
      };
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      owner.waiting.add(request);
    });
  }

  function forget(name: string, { held, waiting }: Owner): void {
    if (held === 0 && waiting.size === 0) owners.delete(name);
  }

  return {
    async acquire(name, patience, isUrgent = false) {
      const owner = owners.get(name) ?? { held: 0, waiting: new Set(), urgentInARow: 0 };
      owners.set(name, owner);
      const isFree = owner.waiting.size === 0 && mayHold(name, owner);
      return isFree ? lend(name, owner) : await wait(name, owner, isUrgent, patience?.());
    },
    lendFree,
    of(name) {
      const { held, waiting } = owners.get(name) ?? { held: 0, waiting: new Set() };
      return { held, waiting: waiting.size };
    },
  };
}
