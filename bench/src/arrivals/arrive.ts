import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../landing/summarize.js';

export interface Rate {
  perSecond: number;
  seconds: number;
}

export interface Arrived<T> {
  results: readonly T[];
  /** Why requests failed. */
  failures: readonly string[];
}

/** With more requests in progress, the server does not keep up, and the memory of this process would grow without a limit. */
const MAX_IN_PROGRESS = 2000;

/**
 * Sends requests at a rate, as independent clients do: each at its time, whether or not the ones before have a response.
 * @param send gets the number of the request, from 0
 */
export async function arrive<T>(
  { perSecond, seconds }: Rate,
  send: (place: number) => Promise<T>,
): Promise<Arrived<T>> {
  const count = Math.max(1, Math.round(perSecond * seconds));
  const results: T[] = [];
  const failures: string[] = [];
  const inProgress = new Set<Promise<void>>();
  const began = performance.now();
  for (let place = 0; place < count; place++) {
    const early = began + (place / perSecond) * 1000 - performance.now();
    if (early > 0) await sleep(early);
    if (inProgress.size >= MAX_IN_PROGRESS) {
      failures.push(`not sent: ${MAX_IN_PROGRESS} requests are in progress`);
      continue;
    }
    const ended = send(place).then(
      (result) => void results.push(result),
      (error: Error) => void failures.push(error.message),
    );
    inProgress.add(ended);
    void ended.then(() => inProgress.delete(ended));
  }
  await Promise.all(inProgress);
  return { results, failures };
}

export interface Times {
  count: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export function timesOf(ms: readonly number[]): Times {
  const at = (share: number) => quantile(ms, share) ?? Number.NaN;
  return { count: ms.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

export const shownTimes = ({ p50Ms, p99Ms, maxMs }: Times): string =>
  [p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(ms < 10 ? 1 : 0)).join(' / ');
