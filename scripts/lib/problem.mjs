/** Something whoever typed the command can act on: shown as it is, without a stack. */
export class Problem extends Error {}

/** What the system says about a file, in words: `permission denied (EACCES)`. */
export function fileTrouble(error) {
  const words = { EACCES: 'permission denied', EPERM: 'permission denied', EROFS: 'read-only file system' };
  const more = {
    ENOTDIR: 'a part of the path is not a folder',
    EEXIST: 'it is not a folder',
    ENOSPC: 'disk full',
  };
  const text = words[error.code] ?? more[error.code];
  return text === undefined ? error.message : `${text} (${error.code})`;
}
