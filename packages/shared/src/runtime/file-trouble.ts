import type { Logger } from './log.js';

/** Of one file or the disk below it; a want of memory or descriptors is the process's own, and passes. */
const CODES = /^E(IO|ACCES|PERM|ISDIR|NOTDIR|LOOP|STALE|ROFS|NOSPC|DQUOT)$/;

/** Whether an error says that a file cannot be read or written, whoever tries. */
export function isFileTrouble(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && CODES.test(String(error.code));
}

/** Does something about one of many; undefined where a file of it can be neither read nor written. */
export type Apart = <T>(id: string, work: () => Promise<T>) => Promise<T | undefined>;

/** Keeps what a damaged file stops from stopping all others: it is logged and left out. */
export function apart(log: Logger, from: string): Apart {
  return (id, work) =>
    work().catch((error: unknown) => {
      if (!isFileTrouble(error)) throw error;
      log.error({ id, err: error }, `left out of ${from} by a fault of this machine`);
      return undefined;
    });
}
