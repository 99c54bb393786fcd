import { PixdockError } from '@pixdock/contract/error';
import type { DoneClaim } from '@pixdock/shared/state/records/stored-claim';
import type { Created } from '../http/resource.js';
import type { Warning } from '../http/warnings.js';

/**
 * The result of a repeated request: the current resource or, if its record has expired, the stored response.
 * @throws the error of `reading`
 */
export async function repeatOf<T>(
  { resourceId: id, response }: DoneClaim,
  reading: Promise<T>,
  warnings: readonly Warning[],
): Promise<Exclude<Created<T>, { outcome: 'created' }>> {
  try {
    return { outcome: 'repeated', state: await reading, response, warnings };
  } catch (error) {
    const hasExpired = error instanceof PixdockError && error.code === 'not_found';
    if (!hasExpired || response === null) throw error;
    return { outcome: 'expired', id, response };
  }
}
