import type { PixdockApiError } from '@pixdock/client';
import { retryPause } from './retry-pause.js';
import type { Upload } from './upload.js';

/** Repeats a step until the server responds with something else than "busy". */
export async function repeatWhileAway<T>(
  upload: Upload,
  ending: AbortSignal,
  step: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      ending.throwIfAborted();
      const result = await step();
      upload.error.value = null;
      return result;
    } catch (error) {
      ending.throwIfAborted();
      const pause = retryPause(error, tries);
      if (pause === null) throw error;
      upload.error.value = error as PixdockApiError;
      await pause(ending);
    }
  }
}
