import type { Readable } from 'node:stream';
import { PixdockError } from '@pixdock/shared/errors';

/** How slowly a body may come. */
export interface Pace {
  /** Longest silence. */
  idleMs: number;
  /** Least average rate once `graceMs` have passed. */
  minBytesPerSecond: number;
  graceMs: number;
}

// A phone on a poor 2G line sends about 2 KiB/s; below half of that it is a stuck client or a slow-loris.
export const PACE: Pace = { idleMs: 30_000, minBytesPerSecond: 1024, graceMs: 30_000 };

/**
 * The chunks of a body, as long as they come fast enough. The stream is left open at an early end, so that an answer can
 * still be sent on its socket.
 * @throws PixdockError request_timeout, or invalid_request when the sender broke off
 */
export async function* paced(body: Readable, pace: Pace = PACE): AsyncGenerator<Buffer> {
  const began = Date.now();
  let lastAt = began;
  let bytes = 0;
  let give: (error: PixdockError) => void = () => {};
  const tooSlow = new Promise<never>((_, reject) => {
    give = reject;
  });
  tooSlow.catch(() => {});
  const timer = setInterval(() => {
    const now = Date.now();
    const elapsed = now - began;
    const slow = elapsed > pace.graceMs && (bytes * 1000) / elapsed < pace.minBytesPerSecond;
    if (slow || now - lastAt > pace.idleMs) give(new PixdockError('request_timeout'));
  }, 500);
  const chunks = body.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next: IteratorResult<Buffer> = await Promise.race([chunks.next(), tooSlow]);
      if (next.done === true) return;
      lastAt = Date.now();
      bytes += next.value.length;
      yield next.value;
      // The time the consumer took is not the sender's.
      lastAt = Date.now();
    }
  } catch (error) {
    if (error instanceof PixdockError) throw error;
    throw new PixdockError('invalid_request', BROKEN_OFF, { cause: error });
  } finally {
    clearInterval(timer);
  }
}

const BROKEN_OFF = {
  en: 'The body ended before it was complete; send it again.',
  zh: '请求体在传输完成前中断，请重新发送。',
};
