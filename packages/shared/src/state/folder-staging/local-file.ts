/** A file on a disk of this machine. Disposal allows its removal. */
export interface LocalFile extends AsyncDisposable {
  path: string;
}

/** A file that stays after its disposal. */
export const localFile = (path: string): LocalFile => ({ path, async [Symbol.asyncDispose]() {} });
