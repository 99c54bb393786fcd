import { StorageFault } from '@pixdock/object-store/types';
import { isRedisUnavailable } from '@pixdock/shared/runtime/redis-unavailable';
import { MACHINE_CODES } from '../image/machine-codes.js';

/**
 * Whether an error is a fault of the service, for which the image waits. All other errors are bugs: BullMQ retries them a few
 * times before they fail the image.
 */
export function isServiceFault(error: unknown): error is Error {
  if (error instanceof StorageFault) return error.facts.kind !== 'rejected';
  if (!(error instanceof Error)) return false;
  if (isRedisUnavailable(error)) return true;
  return 'code' in error && MACHINE_CODES.some((code) => code === error.code);
}
