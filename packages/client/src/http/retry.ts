import type { PixdockApiError } from '../error.js';

/** Waits of 0.5, 1, 2, 4 and 8 s: some 15 s, longer than a restart of the server takes. */
export const DEFAULT_RETRIES = 5;
const FIRST_MS = 500;
const LONGEST_MS = 20_000;
/** Whoever is told to come back later than this is better told now. */
const LONGEST_RETRY_AFTER_SECONDS = 120;

const TRANSIENT = [429, 502, 503, 504];

/** Longest time that one call waits, in all, for a server that is busy. */
const LONGEST_BUSY_MS = 10 * 60_000;
const BUSY = ['rate_limited', 'staging_full'];

/** Whether the server refused the request only because there is too much to do, and says when to come back. */
function isBusy({ code, retryAfterSeconds = 0 }: PixdockApiError): boolean {
  return BUSY.includes(code) && retryAfterSeconds > 0;
}

/** Decides whether one call is repeated, and when. */
export function createRetries(most: number) {
  let tries = 1;
  let busyMs = 0;
  return {
    /** Milliseconds until the next try, or null to give up. */
    delayAfter(error: PixdockApiError): number | null {
      if (most === 0 || !isTransient(error)) return null;
      const ms = retryDelay(tries, error.retryAfterSeconds);
      // Waiting for a busy server does not use up the tries.
      if (isBusy(error) && busyMs + ms <= LONGEST_BUSY_MS) {
        busyMs += ms;
        return ms;
      }
      return tries++ > most ? null : ms;
    },
  };
}

/** Whether it says that the same request may find better times soon. */
function isTransient({ status, code, retryAfterSeconds = 0 }: PixdockApiError): boolean {
  if (retryAfterSeconds > LONGEST_RETRY_AFTER_SECONDS) return false;
  return TRANSIENT.includes(status) || code === 'unreachable' || code === 'idempotency_in_progress';
}

/**
 * Milliseconds before try number `tries + 1`: what the server asked for and up to a quarter more, else twice as long each
 * time, between half and all of it, so that clients of one outage do not come back together.
 */
export function retryDelay(tries: number, retryAfterSeconds: number | undefined): number {
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1000 * (1 + Math.random() / 4);
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
}

/** Seconds of a Retry-After, which is a number or a date (RFC 9110 10.2.3). */
export function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

/** Sleeps; throws the reason of the signal as soon as there is one. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
