import type { PixdockApiError } from '../error.js';

/** Pauses of 0.5, 1, 2, 4 and 8 s: about 15 s, longer than a restart of the server. */
export const DEFAULT_RETRIES = 5;
const FIRST_MS = 500;
const LONGEST_MS = 20_000;
/** For a longer pause, the caller gets the error immediately. */
const LONGEST_RETRY_AFTER_SECONDS = 120;

const TRANSIENT = [429, 502, 503, 504];

/** Longest total time that one call waits for a busy server. */
const LONGEST_BUSY_MS = 10 * 60_000;
/** The same for another request with its Idempotency-Key: that of a killed server has it for 20 s, then perhaps a repeat. */
const LONGEST_CLAIM_MS = 60_000;
const WAITS: Readonly<Record<string, 'busy' | 'claimed'>> = {
  rate_limited: 'busy',
  staging_full: 'busy',
  idempotency_in_progress: 'claimed',
};

/** Decides whether and when a call is retried. */
export function createRetries(maxRetries: number) {
  let tries = 1;
  const remainingMs = { busy: LONGEST_BUSY_MS, claimed: LONGEST_CLAIM_MS };
  return {
    /** Milliseconds until the next try, or null for no more tries. */
    delayAfter(error: PixdockApiError): number | null {
      if (maxRetries === 0 || !isTransient(error)) return null;
      const ms = retryDelay(tries, error.retryAfterSeconds);
      // A wait that the server asks for does not use up the tries.
      const wait = requestedWait(error);
      if (wait !== undefined && ms <= remainingMs[wait]) {
        remainingMs[wait] -= ms;
        return ms;
      }
      return tries++ > maxRetries ? null : ms;
    },
  };
}

/** What the server asks to wait for with Retry-After, if anything. */
function requestedWait({ code, retryAfterSeconds = 0 }: PixdockApiError) {
  return retryAfterSeconds > 0 ? WAITS[code] : undefined;
}

/** Whether the same request may succeed soon. */
function isTransient({ status, code, retryable, retryAfterSeconds = 0 }: PixdockApiError): boolean {
  if (retryAfterSeconds > LONGEST_RETRY_AFTER_SECONDS) return false;
  return (
    TRANSIENT.includes(status) || (code === 'unreachable' && retryable) || code === 'idempotency_in_progress'
  );
}

/**
 * Milliseconds before try number `tries + 1`: the requested pause plus up to a quarter, else exponential backoff with jitter,
 * so that clients do not retry at the same time after an outage.
 */
export function retryDelay(tries: number, retryAfterSeconds: number | undefined): number {
  if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1000 * (1 + Math.random() / 4);
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
}

/** Seconds of Retry-After, which is a number or a date (RFC 9110, 10.2.3). */
export function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

/** Sleeps. @throws the reason of the signal as soon as it aborts */
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

/** 32 random hex digits; pages without TLS have no `crypto.randomUUID`. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
