import { sleep } from '@pixdock/shared/clock';
import { asError } from '@pixdock/shared/errors';
import type { ApiDeps } from '../deps.js';

const TRY_EVERY_MS = 1000;

/**
 * Undoes in Redis what a refused request may have left there, as soon as Redis answers. The caller was told that nothing
 * was accepted; a job, if there is one, finds nothing to do.
 */
export async function undoLater(
  { log, stopping }: ApiDeps,
  id: string,
  undo: () => Promise<void>,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      return await undo();
    } catch (error) {
      log.debug({ err: asError(error), id }, 'undoing a refused submission');
      await sleep(TRY_EVERY_MS, stopping);
    }
  }
}
