import { setTimeout as sleep } from 'node:timers/promises';
import { openSamples, type Times } from './samples.js';

/** The news of bob's images by one way, such as webhooks: how long after the end of an image they arrive. */
export interface Arrivals {
  expect(imageId: string): void;
  /** Only the first arrival of an expected image counts, also if it comes before the response to the upload. */
  arrived(imageId: string, delayMs: number): void;
  /** Waits for what is expected by now. What has not arrived in time counts with the time since its submission. */
  settle(withinMs: number): Promise<void>;
  take(): Times;
}

const CHECK_MS = 100;

export function openArrivals(): Arrivals {
  const samples = openSamples();
  /** By image, the time of its submission. */
  const awaited = new Map<string, number>();
  /** By image that is not expected yet, the delay of its news. */
  const early = new Map<string, number>();
  return {
    expect(imageId) {
      const delayMs = early.get(imageId);
      if (delayMs === undefined) awaited.set(imageId, performance.now());
      else samples.add(delayMs);
    },
    arrived(imageId, delayMs) {
      if (awaited.delete(imageId)) samples.add(delayMs);
      else early.set(imageId, delayMs);
    },
    async settle(withinMs) {
      const until = performance.now() + withinMs;
      const sent = new Map(awaited);
      const isMissing = (id: string) => awaited.has(id);
      while ([...sent.keys()].some(isMissing) && performance.now() < until) await sleep(CHECK_MS);
      for (const [id, sinceMs] of sent) if (awaited.delete(id)) samples.add(performance.now() - sinceMs);
    },
    take: () => samples.take(),
  };
}
