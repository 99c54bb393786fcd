import { PixdockApiError } from '@pixdock/client';

const LONGEST_MS = 8000;
const BUSY = [429, 502, 503, 504];

/**
 * A pause before the next try of a request; null if a repeat cannot help. After a lost connection it ends early when the
 * browser is online again.
 */
export function retryPause(error: unknown, tries: number): ((signal: AbortSignal) => Promise<void>) | null {
  if (!(error instanceof PixdockApiError)) return null;
  const { status, code, retryAfterSeconds } = error;
  if (status !== 0 && !BUSY.includes(status) && code !== 'idempotency_in_progress') return null;
  const ms =
    retryAfterSeconds === undefined ? Math.min(LONGEST_MS, 500 * 2 ** (tries - 1)) : retryAfterSeconds * 1000;
  return (signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const end = (settle: () => void) => {
        clearTimeout(timer);
        removeEventListener('online', wake);
        signal.removeEventListener('abort', abort);
        settle();
      };
      const wake = () => status === 0 && end(resolve);
      const abort = () => end(() => reject(signal.reason));
      const timer = setTimeout(() => end(resolve), ms);
      addEventListener('online', wake);
      signal.addEventListener('abort', abort, { once: true });
    });
}
