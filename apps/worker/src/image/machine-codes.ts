/** System error codes for disk, descriptors, memory and permissions. They are temporary, or the operator fixes them. */
export const MACHINE_CODES = [
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
] as const;
