/** Of one file or the disk below it; a want of memory or descriptors is the process's own, and passes. */
const CODES = /^E(IO|ACCES|PERM|ISDIR|NOTDIR|LOOP|STALE|ROFS|NOSPC|DQUOT)$/;

/** Whether an error says that a file cannot be read or written, whoever tries. */
export function isFileTrouble(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && CODES.test(String(error.code));
}
