import { StorageFault } from '@pixdock/object-store/types';
import { MACHINE_CODES } from '../image/machine-codes.js';

/**
 * Whether an error is the service's fault and not the image's: then the image waits. Errors that are neither (a fault in
 * the code) are tried a few times by BullMQ and then end the image.
 */
export function isServiceFault(error: unknown): error is Error {
  if (error instanceof StorageFault) return error.facts.kind !== 'rejected';
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return true;
  return 'code' in error && MACHINE_CODES.some((code) => code === error.code);
}
