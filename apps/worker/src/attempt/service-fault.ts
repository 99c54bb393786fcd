import { StorageFault } from '@pixdock/object-store/types';

/** Faults of the machine: disk, descriptors, memory, permissions. They pass, or an operator repairs them. */
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
 * Whether an error is the service's fault and not the image's: then the image waits. BullMQ retries all other errors, which
 * are bugs, a few times before they fail the image.
 */
export function isServiceFault(error: unknown): error is Error {
  if (error instanceof StorageFault) return error.facts.kind !== 'rejected';
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return true;
  return 'code' in error && MACHINE_CODES.includes(String(error.code));
}
