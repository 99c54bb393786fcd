import { openPlaces } from '@pixdock/shared/runtime/places';
import { type Permit, permitOnce } from './permit.js';

/** A request that has waited so long gets a lane of another owner, who must have at least two lanes more than its own. */
const RECALL_AFTER_MS = 2000;
/**
 * Then that owner has a lane less for so long. Otherwise it would have the lane again once the others have no work for a
 * moment, and each of their next requests would wait for a recall.
 */
const YIELD_MS = 10_000;

interface LaneRequest {
  owner: string;
  isUrgent: boolean;
}

export interface LanePermit<T> extends Permit {
  lane: T;
  /** Aborts when the lane must be given back at once, because another owner waits. */
  recalled: AbortSignal;
}

export interface Lanes<T> {
  /**
   * Waits for a free lane. Owners take turns by the seconds that they had one.
   * @throws the signal's reason when that aborts
   */
  acquire(request: LaneRequest, signal: AbortSignal): Promise<LanePermit<T>>;
}

interface Held {
  /** The one who uses the lane; once it is recalled, the one it is recalled for. */
  owner: string;
  recalling: AbortController;
}

/** Shares lanes among owners. */
export function openLanes<T>(lanes: readonly T[]): Lanes<T> {
  const free = [...lanes];
  /** In the order in which they were taken. */
  const held = new Set<Held>();
  const yielding = new Map<string, { lanes: number; until: number }>();
  const places = openPlaces({ atOnce: lanes.length, ofOwner: mostOf });

  function mostOf(owner: string): number {
    const { lanes: most, until } = yielding.get(owner) ?? { lanes: 0, until: 0 };
    return performance.now() < until ? most : lanes.length;
  }

  /** Recalls the newest lane of the owner with the most, since it has the least work to lose. */
  function recallFor(owner: string): void {
    const owners = [...held].map((one) => one.owner);
    const count = (name: string) => owners.filter((one) => one === name).length;
    const most = owners.reduce((a, b) => (count(b) > count(a) ? b : a), owner);
    const newest = [...held].findLast((one) => one.owner === most && !one.recalling.signal.aborted);
    if (newest === undefined || count(most) < count(owner) + 2) return;
    yielding.set(most, { lanes: count(most) - 1, until: performance.now() + YIELD_MS });
    setTimeout(() => places.lendFree(), YIELD_MS).unref();
    newest.owner = owner;
    newest.recalling.abort();
  }

  return {
    async acquire({ owner, isUrgent }, signal) {
      signal.throwIfAborted();
      const impatience = setInterval(() => recallFor(owner), RECALL_AFTER_MS);
      const waited = places.acquire(owner, () => signal, isUrgent);
      const place = await waited.finally(() => clearInterval(impatience));
      // There are as many places as lanes.
      const lane = free.pop() as T;
      const own: Held = { owner, recalling: new AbortController() };
      held.add(own);
      const permit = permitOnce(() => {
        held.delete(own);
        free.push(lane);
        place[Symbol.dispose]();
      });
      return { ...permit, lane, recalled: own.recalling.signal };
    },
  };
}
