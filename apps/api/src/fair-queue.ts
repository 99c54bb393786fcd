import { openTurns } from '@pixdock/shared/runtime/turns';
import { openConnectionPause } from './connection-pause.js';

/**
 * Cost of the requests that the queue admits in each tick (turn of the event loop): five requests, or twenty polls. A request takes
 * about 0.4 ms in all, and up to 3 ms in a process that has just started, so a tick takes 2 to 15 ms. A request of another owner
 * takes about five ticks: to be accepted, read, admitted, looked up in Redis and responded to.
 */
const COST_PER_TICK = 20;
const COST = { poll: 1, other: 4 };
/**
 * Requests without an owner that begin in each tick, beside those of owners: health checks, 0.1 ms and 0.5 ms each, and all
 * other requests without a valid key, of which thousands take at most a fifth of the time.
 */
const BESIDE = { livez: 20, readyz: 4, keyless: 1 };
/**
 * Requests that one owner may have in progress while another owner is active. A POST takes about 30 ticks, and in each of
 * them every request in progress may do its next step.
 */
const IN_PROGRESS = 4;
/**
 * A request counts only for this time, because then it mostly waits for its body, its client or an image. An owner can
 * therefore begin at least 40 requests per second, about as many as the rate limit of POSTs allows.
 */
const COUNTED_MS = 100;
/** An owner without a request for this time does not limit others. */
const ACTIVE_MS = 1000;
/** The requests of an owner count half after this time: a burst delays its next request for less than a second. */
const HALF_LIFE_MS = 100;

/** The caller calls this when its request is over. */
export type Leave = () => void;

export interface FairQueue {
  /** Resolves when it is the owner's turn: immediately while there are few requests. */
  enter(owner: string, kind?: keyof typeof COST): Promise<Leave>;
  /** Resolves when a request without an owner may begin, which waits only for others of its kind and for connections. */
  enterWithoutOwner(kind: keyof typeof BESIDE): Promise<Leave>;
  /** The server has accepted a connection. While more of them wait, no request begins, because the next may be another owner's. */
  noteConnection(): void;
}

interface Waiting {
  cost: number;
  resolve: (leave: Leave) => void;
}

/**
 * Spreads the work for thousands of requests over ticks of the event loop. Owners take turns, so that the requests of one
 * do not delay those of another.
 */
export function openFairQueue(hasManyOwners: () => boolean): FairQueue {
  const waiting = new Map<string, Waiting[]>();
  /** Of the requests of an owner in progress that still count, oldest first. */
  const startTimes = new Map<string, number[]>();
  const seenAt = new Map<string, number>();
  const turns = openTurns(HALF_LIFE_MS);
  const beside = {
    livez: openShare(BESIDE.livez),
    readyz: openShare(BESIDE.readyz),
    keyless: openShare(BESIDE.keyless),
  };
  const pause = openConnectionPause();
  let costThisTick = 0;
  let isScheduled = false;

  return {
    async enter(owner, kind = 'other') {
      schedule();
      seenAt.set(owner, performance.now());
      const cost = COST[kind];
      if (waiting.size > 0 || pause.isActive() || costThisTick >= COST_PER_TICK || isFull(owner))
        return new Promise<Leave>((resolve) => {
          const queue = waiting.get(owner);
          if (queue === undefined) waiting.set(owner, [{ cost, resolve }]);
          else queue.push({ cost, resolve });
        });
      return begin(owner, cost);
    },
    async enterWithoutOwner(kind) {
      schedule();
      await beside[kind].enter(!pause.isActive());
      return () => {};
    },
    noteConnection() {
      pause.noteConnection();
      schedule();
    },
  };

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      costThisTick = 0;
      const isPaused = pause.isActive();
      let startedBeside = 0;
      if (!isPaused) {
        for (const share of Object.values(beside)) startedBeside += share.beginTick();
        admitWaiting();
      }
      pause.endTick();
      if (isPaused || startedBeside + costThisTick > 0) schedule();
    });
  }

  function admitWaiting(): void {
    while (costThisTick < COST_PER_TICK) {
      const owner = turns.next([...waiting.keys()].filter((one) => !isFull(one)));
      if (owner === null) return;
      const queue = waiting.get(owner) ?? [];
      const next = queue.shift();
      next?.resolve(begin(owner, next.cost));
      if (queue.length === 0) waiting.delete(owner);
    }
  }

  function isFull(owner: string): boolean {
    if (!hasManyOwners() || (startTimes.get(owner)?.length ?? 0) < IN_PROGRESS) return false;
    const since = performance.now() - ACTIVE_MS;
    for (const [other, at] of seenAt) if (other !== owner && at > since) return true;
    return false;
  }

  function begin(owner: string, cost: number): Leave {
    costThisTick += cost;
    turns.add(owner, cost);
    if (!hasManyOwners()) return () => {};
    const at = performance.now();
    const times = startTimes.get(owner) ?? openTimes(owner);
    times.push(at);
    return () => {
      const i = times.indexOf(at);
      if (i !== -1) times.splice(i, 1);
      schedule();
    };
  }

  function openTimes(owner: string): number[] {
    const times: number[] = [];
    startTimes.set(owner, times);
    // One timer for all of an owner's requests: polls would start and stop thousands per second.
    setTimeout(expire, COUNTED_MS, owner, times);
    return times;
  }

  function expire(owner: string, times: number[]): void {
    const now = performance.now();
    while ((times[0] ?? now) + COUNTED_MS <= now) times.shift();
    if (times[0] === undefined) startTimes.delete(owner);
    else setTimeout(expire, times[0] + COUNTED_MS - now, owner, times);
    schedule();
  }
}

/** Begins so many requests in each tick, in the order of their arrival. */
function openShare(perTick: number) {
  const waiting: (() => void)[] = [];
  let startedThisTick = 0;
  return {
    enter(mayBegin: boolean): Promise<void> | undefined {
      if (mayBegin && waiting.length === 0 && startedThisTick < perTick) {
        startedThisTick++;
        return undefined;
      }
      return new Promise((resolve) => {
        waiting.push(resolve);
      });
    },
    /** Returns how many requests began. */
    beginTick(): number {
      const first = waiting.splice(0, perTick);
      for (const resolve of first) resolve();
      startedThisTick = first.length;
      return startedThisTick;
    },
  };
}
