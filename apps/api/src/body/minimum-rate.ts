import type { Readable } from 'node:stream';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { MinimumRate } from '../http/env.js';

/**
 * A stalled request body ends after at most 45 s: 15 s of grace, or a window that began with a burst. 45 minutes are enough
 * for 20 MiB at 8 KiB/s (43 minutes) and for 2 GiB at 6 Mbit/s.
 */
const MINIMUM_RATE: MinimumRate = {
  minBytesPerSecond: 8 * 1024,
  windowMs: 30_000,
  graceMs: 15_000,
  longestMs: 45 * 60_000,
  checkMs: 500,
};

/** The production rate; tests give a grace and a window of `ms`. */
export const minimumRateWithin = (ms: number | undefined): MinimumRate =>
  ms === undefined ? MINIMUM_RATE : { ...MINIMUM_RATE, graceMs: ms, windowMs: ms };

/**
 * Yields the chunks of a body while they arrive fast enough, without the time that the consumer takes. After an early end the
 * stream stays open and has no listeners, so that its socket can still send a response.
 * @throws PixdockError request_timeout, or invalid_request if the body was interrupted
 */
export async function* enforceMinimumRate(
  body: Readable,
  minimumRate: MinimumRate = MINIMUM_RATE,
): AsyncGenerator<Buffer> {
  const until = performance.now() + minimumRate.longestMs;
  const rate = openRate(minimumRate);
  using arrivals = openArrivals(body, minimumRate.checkMs);
  for (;;) {
    const chunk = arrivals.take();
    if (performance.now() > until) throw new PixdockError('request_timeout');
    if (chunk !== undefined) {
      rate.add(chunk.length);
      yield chunk;
      continue;
    }
    const since = performance.now();
    const isTooSlow = () => rate.isTooSlow(performance.now() - since) || performance.now() > until;
    const change = await arrivals.next(isTooSlow);
    rate.wait(performance.now() - since);
    if (change === 'ended') return;
    // A sender that drips faster than `checkMs` never lets the timer fire.
    if (change === 'too slow' || (change === 'arrived' && rate.isTooSlow(0)))
      throw new PixdockError('request_timeout');
    if (change !== 'arrived')
      throw new PixdockError('invalid_request', detailOf('body-interrupted'), { cause: change });
  }
}

/** Parts of the window whose bytes are counted together, so the average is exact to a thirtieth of the window. */
const PARTS = 30;

/** The average rate over the last `windowMs` of waiting for the sender. */
function openRate({ windowMs, graceMs, minBytesPerSecond }: MinimumRate) {
  let waitedMs = 0;
  /** Arrivals by the time spent waiting. */
  const arrivals: { atMs: number; bytes: number }[] = [];
  return {
    add(bytes: number): void {
      const last = arrivals.at(-1);
      if (last !== undefined && waitedMs - last.atMs < windowMs / PARTS) last.bytes += bytes;
      else arrivals.push({ atMs: waitedMs, bytes });
      while ((arrivals[0]?.atMs ?? waitedMs) < waitedMs - windowMs) arrivals.shift();
    },
    wait(ms: number): void {
      waitedMs += ms;
    },
    /** @param silentMs how long the sender has been silent since the last `wait` */
    isTooSlow(silentMs: number): boolean {
      const now = waitedMs + silentMs;
      if (now <= graceMs) return false;
      const recent = arrivals.filter(({ atMs }) => atMs >= now - windowMs);
      const bytes = recent.reduce((sum, arrival) => sum + arrival.bytes, 0);
      return (bytes * 1000) / Math.min(now, windowMs) < minBytesPerSecond;
    },
  };
}

type Change = 'arrived' | 'ended' | 'too slow' | Error;

/** Bytes and chunks that may wait for the consumer; the stream keeps the others. */
const MOST_BYTES = 128 * 1024;
const MOST_CHUNKS = 256;
/** More chunks than this are joined, because a client may send single bytes, and each chunk costs its consumers up to 40 µs. */
const MOST_SEPARATE = 8;

/**
 * Takes the chunks of a body as they arrive. The listeners and the timer are those of the whole body: to add and remove them for
 * each chunk, and to read with `read()`, which stops the socket after each chunk, costs more than to hash the chunk.
 */
function openArrivals(body: Readable, checkMs: number) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let waiting: { isTooSlow: () => boolean; resolve: (change: Change) => void } | null = null;
  function report(change: Change): void {
    const reader = waiting;
    waiting = null;
    reader?.resolve(change);
  }
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MOST_BYTES || chunks.length >= MOST_CHUNKS) body.pause();
    report('arrived');
  };
  const onEnd = () => report('ended');
  const onClose = () => report(body.errored ?? new Error('the body was closed'));
  // An error without a listener is thrown; `close` follows every error.
  const onError = () => {};
  body.on('end', onEnd).on('close', onClose).on('error', onError).on('data', onData);
  const timer = setInterval(() => waiting?.isTooSlow() === true && report('too slow'), checkMs);

  return {
    take(): Buffer | undefined {
      const chunk = chunks.length > MOST_SEPARATE ? Buffer.concat(chunks.splice(0)) : chunks.shift();
      bytes -= chunk?.length ?? 0;
      return chunk;
    },
    next(isTooSlow: () => boolean): Promise<Change> {
      return new Promise((resolve) => {
        if (body.readableEnded) return resolve('ended');
        if (body.destroyed) return resolve(body.errored ?? new Error('the body was closed'));
        waiting = { isTooSlow, resolve };
        if (body.isPaused()) body.resume();
      });
    },
    [Symbol.dispose](): void {
      clearInterval(timer);
      body.pause();
      body.off('end', onEnd).off('close', onClose).off('error', onError).off('data', onData);
    },
  };
}
