import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { Parts } from './deps.js';

const RETRY_EVERY_MS = 1000;
/** Longest time that a response waits for an action that may also be done later. */
const PATIENCE_MS = 2000;

/**
 * Repeats an action until Redis responds: removes traces of a refused request, or enqueues an accepted image. If the server
 * stops first, the next restore from staging does the same.
 */
export async function whenRedisIsBack(
  { log, stopping }: Parts<'log' | 'stopping'>,
  id: string,
  act: () => Promise<void>,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      return await act();
    } catch (error) {
      log.debug({ err: asError(error), id }, 'waiting for Redis to respond');
      await sleep(RETRY_EVERY_MS, stopping);
    }
  }
}

/** Runs an action on Redis. If it fails or takes longer than a response may wait, it continues in the background. */
export async function runOrDefer(
  deps: Parts<'log' | 'stopping'>,
  id: string,
  act: () => Promise<void>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const patience = setTimeout(resolve, PATIENCE_MS);
  act().then(resolve, () => {
    resolve();
    void whenRedisIsBack(deps, id, act);
  });
  await promise;
  clearTimeout(patience);
}
