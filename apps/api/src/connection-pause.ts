/**
 * libuv accepts one connection in each tick (turn of the event loop), so with a request in each tick, a client behind 1,200 new
 * connections would wait for 1,200 requests, about 0.5 s. Without requests, it waits about 60 ms.
 */
const PAUSE_MS = 100;
/** While connections never stop arriving, requests begin in the rest of each cycle. */
const CYCLE_MS = 125;

/** Decides when no request begins, because more connections wait to be accepted. */
export function openConnectionPause() {
  let tick = 0;
  let lastConnectionIn = Number.NEGATIVE_INFINITY;
  let connectingSince = 0;

  /** Whether a connection was accepted in this tick or the one before, whose request cannot be read until this tick. */
  const isConnecting = () => tick - lastConnectionIn <= 1;

  return {
    noteConnection(): void {
      if (!isConnecting()) connectingSince = performance.now();
      lastConnectionIn = tick;
    },
    isActive: () => isConnecting() && (performance.now() - connectingSince) % CYCLE_MS < PAUSE_MS,
    endTick(): void {
      tick++;
    },
  };
}
