/**
 * libuv accepts one connection in each tick (turn of the event loop), so with a request in each tick, a client behind 1,200 new
 * connections would wait for 1,200 requests, about 0.5 s. Without requests, it waits about 100 ms. A count and not a
 * time: a collection of garbage must not use up the pause.
 */
const ACCEPTED_IN_A_PAUSE = 1024;
/** While connections never stop arriving, requests begin for this time after each pause. */
const BETWEEN_PAUSES_MS = 25;

/** Decides when no request begins, because more connections wait to be accepted. */
export function openConnectionPause() {
  let tick = 0;
  let lastConnectionIn = Number.NEGATIVE_INFINITY;
  let accepted = 0;
  let endedAt = Number.NEGATIVE_INFINITY;

  /** Whether a connection was accepted in this tick or the one before, whose request cannot be read until this tick. */
  const isConnecting = () => tick - lastConnectionIn <= 1;

  return {
    noteConnection(): void {
      if (!isConnecting()) accepted = 0;
      lastConnectionIn = tick;
      accepted++;
      if (accepted % ACCEPTED_IN_A_PAUSE === 0) endedAt = performance.now();
    },
    isActive: () => isConnecting() && performance.now() - endedAt >= BETWEEN_PAUSES_MS,
    endTick(): void {
      tick++;
    },
  };
}
