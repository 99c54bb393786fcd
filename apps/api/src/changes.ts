import { sleep } from '@pixdock/shared/clock';
import { recordKeys } from '@pixdock/shared/records/keys';
import type { RedisConnection } from '@pixdock/shared/redis';

// A change told while the subscription was down is lost; this is how late it is noticed then.
const RECHECK_MS = 2000;

export interface Changes {
  /**
   * Waits until `read` gives the state of an image or a batch that is `enough`, or `ms` are over, or `signal` aborts, and
   * returns the last one read.
   */
  waitFor<T>(
    id: string,
    read: () => Promise<T | null>,
    enough: (state: T) => boolean,
    ms: number,
    signal: AbortSignal,
    /** Reads no oftener than this: a batch may change hundreds of times a second. */
    gapMs?: number,
  ): Promise<T | null>;
  /** Lets everyone who waits go on at once. */
  stop(): void;
}

/** Listens for changes of images and batches, for requests that wait for one. */
export function followChanges(subscriber: RedisConnection, prefix: string): Changes {
  const waiters = new Map<string, Set<() => void>>();
  const stopping = new AbortController();
  subscriber.on('message', (_channel: string, message: string) => {
    const id = message.slice(0, message.indexOf(' '));
    for (const wake of waiters.get(id) ?? []) wake();
  });
  void subscriber.subscribe(recordKeys(prefix).changes).catch(() => {});

  return {
    async waitFor(id, read, enough, ms, signal, gapMs = 0) {
      const until = performance.now() + ms;
      const over = AbortSignal.any([signal, stopping.signal]);
      const change = listen(id);
      try {
        for (;;) {
          const record = await read();
          const left = until - performance.now();
          if (record === null || enough(record) || left <= 0 || over.aborted) return record;
          const readAt = performance.now();
          await change.next(Math.min(left, RECHECK_MS), over);
          const rest = readAt + gapMs - performance.now();
          if (rest > 0) await sleep(Math.min(left, rest), over);
        }
      } finally {
        change.close();
      }
    },
    stop: () => stopping.abort(),
  };

  // Listening begins before the first read, so a change between read and wait is not missed.
  function listen(id: string) {
    let told = false;
    let wake = () => {};
    const notice = () => {
      told = true;
      wake();
    };
    const all = waiters.get(id) ?? new Set();
    waiters.set(id, all.add(notice));
    return {
      async next(ms: number, signal: AbortSignal): Promise<void> {
        if (!told && !signal.aborted)
          await new Promise<void>((resolve) => {
            const timer = setTimeout(done, ms);
            function done() {
              clearTimeout(timer);
              signal.removeEventListener('abort', done);
              resolve();
            }
            signal.addEventListener('abort', done, { once: true });
            wake = done;
          });
        told = false;
      },
      close() {
        all.delete(notice);
        if (all.size === 0) waiters.delete(id);
      },
    };
  }
}
