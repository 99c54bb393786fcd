import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { ApiDeps } from './deps.js';

const TRY_EVERY_MS = 1000;
/** Longest time that a response waits for what may as well be done later. */
const PATIENCE_MS = 2000;

/**
 * Does in Redis what could not be done there in time, as soon as it answers: takes back what a refused request may have left,
 * or queues what is accepted. Whatever a server that stops leaves of it is found by the next restore, from staging.
 */
export async function whenRedisIsBack(
  { log, stopping }: ApiDeps,
  id: string,
  act: () => Promise<void>,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      return await act();
    } catch (error) {
      log.debug({ err: asError(error), id }, 'left until Redis answers');
      await sleep(TRY_EVERY_MS, stopping);
    }
  }
}

/** Does something in Redis now or, if that fails or takes longer than a response may wait, in the background. */
export async function runOrDefer(deps: ApiDeps, id: string, act: () => Promise<void>): Promise<void> {
  const done = new AbortController();
  const tried = act().then(
    () => done.abort(),
    () => {
      done.abort();
      void whenRedisIsBack(deps, id, act);
    },
  );
  await Promise.race([tried, sleep(PATIENCE_MS, done.signal)]);
}
