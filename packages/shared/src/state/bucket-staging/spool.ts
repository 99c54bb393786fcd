import { randomUUID } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, removeFolder } from '../files/folder.js';
import { removeFile } from '../files/optional-file.js';
import type { LocalFile } from '../folder-staging/local-file.js';
import { stagedNames } from '../staged/staged-names.js';
import type { BucketFiles } from './bucket-files.js';

/** Names a file of one request on the private disk, in the folder of what it sends. Disposal removes it. */
export const openSpool = (files: BucketFiles, id: string): Promise<LocalFile> =>
  openAside(files, id, removeFile);

/** Names a folder for one use on the private disk. Disposal removes it. */
export async function openScratch(files: BucketFiles, id: string): Promise<LocalFile> {
  const scratch = await openAside(files, id, removeFolder);
  await makeFolder(scratch.path);
  return scratch;
}

async function openAside(
  files: BucketFiles,
  id: string,
  remove: (path: string) => Promise<unknown>,
): Promise<LocalFile> {
  const path = files.path(`${stagedNames.arriving(id)}/${randomUUID()}`);
  await makeFolder(dirname(path));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await remove(path);
      // Others may use the folder, too.
      await rmdir(dirname(path)).catch(() => {});
    },
  };
}
