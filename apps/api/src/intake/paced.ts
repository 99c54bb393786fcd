import type { Readable } from 'node:stream';
import { PixdockError } from '@pixdock/shared/errors';

/** How slowly a body may come. */
export interface Pace {
  /** Longest silence. */
  idleMs: number;
  /** Least average rate once `graceMs` have passed. */
  minBytesPerSecond: number;
  graceMs: number;
  checkMs: number;
}

// A phone on a poor 2G line sends about 2 KiB/s; below half of that it is a stuck client or a slow-loris.
const PACE: Pace = { idleMs: 30_000, minBytesPerSecond: 1024, graceMs: 30_000, checkMs: 500 };

/** The production pace, its silence and its grace of `ms` if given. */
export const paceWithin = (ms: number | undefined): Pace =>
  ms === undefined ? PACE : { ...PACE, idleMs: ms, graceMs: ms };

/**
 * The chunks of a body, as long as they come fast enough. The time that the consumer takes is not the sender's. At an early
 * end the stream is left open and without listeners, so that an answer can still be sent on its socket.
 * @throws PixdockError request_timeout, or invalid_request when the sender broke off
 */
export async function* paced(body: Readable, pace: Pace = PACE): AsyncGenerator<Buffer> {
  let waitedMs = 0;
  let bytes = 0;
  for (;;) {
    const chunk: Buffer | null = body.read();
    if (chunk !== null) {
      bytes += chunk.length;
      yield chunk;
      continue;
    }
    const since = performance.now();
    const isTooSlow = () => {
      const silent = performance.now() - since;
      const waited = waitedMs + silent;
      const slow = waited > pace.graceMs && (bytes * 1000) / waited < pace.minBytesPerSecond;
      return slow || silent > pace.idleMs;
    };
    const change = await nextChange(body, pace.checkMs, isTooSlow);
    waitedMs += performance.now() - since;
    if (change === 'ended') return;
    if (change === 'too slow') throw new PixdockError('request_timeout');
    if (change !== 'readable') throw new PixdockError('invalid_request', BROKEN_OFF, { cause: change });
  }
}

type Change = 'readable' | 'ended' | 'too slow' | Error;

function nextChange(body: Readable, checkMs: number, isTooSlow: () => boolean): Promise<Change> {
  return new Promise((resolve) => {
    if (body.readableEnded) return resolve('ended');
    if (body.destroyed) return resolve(body.errored ?? new Error('the body was closed'));
    const timer = setInterval(() => isTooSlow() && settle('too slow'), checkMs);
    const onReadable = () => settle('readable');
    const onEnd = () => settle('ended');
    const onClose = () => settle(body.errored ?? new Error('the body was closed'));
    // An error without a listener would be thrown; `close` follows it.
    const onError = () => {};
    body.on('readable', onReadable).on('end', onEnd).on('close', onClose).on('error', onError);
    function settle(change: Change) {
      clearInterval(timer);
      body.off('readable', onReadable).off('end', onEnd).off('close', onClose).off('error', onError);
      resolve(change);
    }
  });
}

const BROKEN_OFF = {
  en: 'The body ended before it was complete; send it again.',
  zh: '请求体在传输完成前中断，请重新发送。',
};
