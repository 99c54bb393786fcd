import { StorageFault } from '@pixdock/object-store/types';

/** Codes of the machine's own troubles: disk, descriptors, memory, permissions. They pass, or someone mends them. */
const MACHINE_CODES = [
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EIO',
  'ESTALE',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'EACCES',
  'EPERM',
];

/**
 * Whether an error is the service's fault and not the image's: then the image waits. Errors that are neither (a fault in
 * the code) are tried a few times by BullMQ and then end the image.
 */
export function isServiceFault(error: unknown): error is Error {
  if (error instanceof StorageFault) return error.facts.kind !== 'rejected';
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return true;
  return 'code' in error && MACHINE_CODES.includes(String(error.code));
}
