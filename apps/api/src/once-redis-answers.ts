import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import type { ApiDeps } from './deps.js';

const TRY_EVERY_MS = 1000;

/**
 * Does in Redis what could not be done there in time, as soon as it answers: takes back what a refused request may have left,
 * or queues what is accepted. Whatever a server that stops leaves of it is found by the next restore, from staging.
 */
export async function onceRedisAnswers(
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
