import { PixdockApiError } from '@pixdock/client';
import type { Upload } from './upload.js';

const LONGEST_MS = 8000;
const BUSY = [429, 502, 503, 504];

/** Repeats a step until the server responds with something else than "busy". */
export async function repeatWhileAway<T>(
  upload: Upload,
  ending: AbortSignal,
  step: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      ending.throwIfAborted();
      const result = await step();
      upload.error.value = null;
      return result;
    } catch (error) {
      ending.throwIfAborted();
      if (!(error instanceof PixdockApiError) || !isAway(error)) throw error;
      upload.error.value = error;
      await pauseAfter(error, tries, ending);
    }
  }
}

/** Whether a repeat can help. */
const isAway = ({ status, code }: PixdockApiError) =>
  status === 0 || BUSY.includes(status) || code === 'idempotency_in_progress';

/** Pauses before the next try. After a lost connection it ends early when the browser is online again. */
function pauseAfter(
  { status, retryAfterSeconds }: PixdockApiError,
  tries: number,
  signal: AbortSignal,
): Promise<void> {
  const ms =
    retryAfterSeconds === undefined ? Math.min(LONGEST_MS, 500 * 2 ** (tries - 1)) : retryAfterSeconds * 1000;
  return new Promise((resolve, reject) => {
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
