/**
 * libuv accepts one connection in each tick (turn of the event loop), so with a request in each tick, a client behind 1,200 new
 * connections would wait for 1,200 requests, about 0.5 s. Without requests, it waits about 0.2 s. The pause ends by their number,
 * so that a collection of garbage does not use it up, or after a time, since other work can make every tick slow.
 */
const ACCEPTED_IN_A_PAUSE = 1024;
const LONGEST_PAUSE_MS = 250;
/** While connections never stop arriving, requests begin for this time after each pause. */
const BETWEEN_PAUSES_MS = 25;

/** Decides when no request begins, because more connections wait to be accepted. */
export function openConnectionPause() {
  let tick = 0;
  let lastConnectionIn = Number.NEGATIVE_INFINITY;
  let accepted = 0;
  let beganAt = 0;
  let endedAt: number | null = null;

  /** Whether a connection was accepted in this tick or the one before, whose request cannot be read until this tick. */
  const isConnecting = () => tick - lastConnectionIn <= 1;

  return {
    noteConnection(): void {
      const now = performance.now();
      const isOver = endedAt !== null && now - endedAt >= BETWEEN_PAUSES_MS;
      if (!isConnecting() || isOver) [accepted, beganAt, endedAt] = [0, now, null];
      lastConnectionIn = tick;
      accepted++;
      if (accepted >= ACCEPTED_IN_A_PAUSE || now - beganAt >= LONGEST_PAUSE_MS) endedAt ??= now;
    },
    isActive: () => isConnecting() && endedAt === null,
    endTick(): void {
      tick++;
    },
  };
}
