import { setMaxListeners } from 'node:events';
import { type Changes, TAKEN_IMAGES } from '@pixdock/shared/state/changes';
import { type Attempt, LostImage } from './start-attempt.js';

/** A change that the attempt made itself may be published before Redis responds to it. */
const OWN_CHANGE_MS = 100;

/** Ends attempts that have lost their image to a deletion, a cancellation or another attempt. */
export interface LossWatch {
  /**
   * A signal for the steps of an attempt: aborts with LostImage soon after the attempt has lost its image, and with the
   * reason of `stopping`. A loss that is published while the subscription is down is noticed at the next change.
   */
  follow(attempt: Attempt, stopping: AbortSignal): Disposable & { signal: AbortSignal };
}

export function openLossWatch(changes: Changes): LossWatch {
  /** By image. When another worker takes over a job, its image has two attempts for a moment. */
  const followed = new Map<string, Set<(version: number) => void>>();
  changes.follow(TAKEN_IMAGES, ({ id, version }) => {
    for (const onChange of followed.get(id) ?? []) onChange(version);
  });

  function add(id: string, onChange: (version: number) => void): () => void {
    const all = followed.get(id) ?? new Set();
    followed.set(id, all.add(onChange));
    return () => {
      all.delete(onChange);
      if (all.size === 0) followed.delete(id);
    };
  }

  return {
    follow(attempt, stopping) {
      const ending = new AbortController();
      const stop = () => ending.abort(stopping.reason);
      let timer: NodeJS.Timeout | undefined;
      let newest = 0;
      async function endIfLost(): Promise<void> {
        timer = undefined;
        if (attempt.record.version >= newest) return;
        // Without Redis the attempt ends at its next change.
        if (!(await attempt.isCurrent().catch(() => true))) ending.abort(new LostImage());
      }
      const remove = add(attempt.record.id, (version) => {
        newest = Math.max(newest, version);
        timer ??= setTimeout(() => void endIfLost(), OWN_CHANGE_MS);
      });
      // All attempts share this signal, so Node's limit of 10 listeners does not apply.
      setMaxListeners(0, stopping);
      stopping.addEventListener('abort', stop, { once: true });
      if (stopping.aborted) stop();
      return {
        signal: ending.signal,
        [Symbol.dispose]() {
          clearTimeout(timer);
          remove();
          stopping.removeEventListener('abort', stop);
        },
      };
    },
  };
}
