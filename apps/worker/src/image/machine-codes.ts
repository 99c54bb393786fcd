/** Codes of the machine's own troubles: disk, descriptors, memory, permissions. They pass, or someone mends them. */
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
