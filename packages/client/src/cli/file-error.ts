import { lstat } from 'node:fs/promises';
import type { Say } from '../messages/cli.js';

/** An error of this program about a file; its message is a sentence in the language of the user. */
export const fileError = (code: string, message: string) => Object.assign(new Error(message), { code });

export function isFileError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** Why a file cannot be read or written: of an error of Node in the language of the user, if the reason is a common one. */
export function sayFileError(say: Say, error: NodeJS.ErrnoException & { code: string }): string {
  const { code, message } = error;
  const reason = 'syscall' in error || code === 'ESHORT' ? REASONS[code] : undefined;
  // Node puts the code at the beginning of its message.
  return reason === undefined ? message.replace(`${code}: `, '') : say(reason);
}

const REASONS: Readonly<
  Record<string, 'no-such-file' | 'no-permission' | 'link-loop' | 'disk-full' | 'file-shrank'>
> = {
  ENOENT: 'no-such-file',
  ENOTDIR: 'no-such-file',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  ELOOP: 'link-loop',
  ENOSPC: 'disk-full',
  ESHORT: 'file-shrank',
};

/** For a link that leads to no file, an error that says so; else the error. */
export async function orBrokenLink(path: string | Buffer, error: unknown, say: Say): Promise<unknown> {
  if (!isFileError(error) || error.code !== 'ENOENT') return error;
  const found = await lstat(path).catch(() => null);
  return found?.isSymbolicLink() === true ? fileError('ENOENT', say('broken-link')) : error;
}
