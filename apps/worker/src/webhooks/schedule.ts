const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Delays after each failed attempt: ten attempts in 75.6 h. */
const DELAYS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
const JITTER = 0.1;

/**
 * The delay in ms before the next attempt, give or take a tenth; null after the last attempt.
 * @param attempts how many there were
 * @param retryAfterMs what the receiver asks for; it only lengthens the delay
 * @param firstMs replaces the first delay, and shortens all others as much
 */
export function nextDelayMs(
  attempts: number,
  retryAfterMs: number | null,
  firstMs = DELAYS_MS[0] as number,
): number | null {
  const delay = DELAYS_MS[attempts - 1];
  if (delay === undefined) return null;
  const scale = firstMs / (DELAYS_MS[0] as number);
  const jitter = 1 - JITTER + 2 * JITTER * Math.random();
  return Math.round(Math.max(delay * jitter, retryAfterMs ?? 0) * scale);
}
