import { randomUUID } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../files/folder.js';
import { removeFile } from '../files/optional-file.js';
import type { LocalFile } from '../folder-staging/local-file.js';
import { stagedNames } from '../staged/staged-names.js';
import type { BucketFiles } from './bucket-files.js';

/** Names a file of one request on the private disk, in the folder of what it sends. Disposal removes it. */
export async function openSpool(files: BucketFiles, id: string): Promise<LocalFile> {
  const path = files.path(`${stagedNames.arriving(id)}/${randomUUID()}`);
  await makeFolder(dirname(path));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await removeFile(path);
      // Another request may have a file in it.
      await rmdir(dirname(path)).catch(() => {});
    },
  };
}
