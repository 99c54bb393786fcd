import type { Logger } from './log.js';

/** Errors of one file or its disk. A lack of memory or descriptors is temporary and concerns the whole process. */
const CODES = /^E(IO|ACCES|PERM|ISDIR|NOTDIR|LOOP|STALE|ROFS|NOSPC|DQUOT)$/;

/** Whether a file cannot be read or written, by any process. */
export function isFileError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && CODES.test(String(error.code));
}

/** Works on one of many things; undefined if one of its files cannot be read or written. */
export type SkipFileErrors = <T>(id: string, work: () => Promise<T>) => Promise<T | undefined>;

/**
 * Logs and skips a thing whose file is damaged, so that the others continue.
 * @param task for the log line
 */
export function createFileErrorSkipper(log: Logger, task: string): SkipFileErrors {
  return (id, work) =>
    work().catch((error: unknown) => {
      if (!isFileError(error)) throw error;
      log.error({ id, err: error }, `left out of ${task} by a fault of this machine`);
      return undefined;
    });
}
