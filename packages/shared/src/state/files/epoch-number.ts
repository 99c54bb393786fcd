import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { giveToFolderOwner, makeFolder, syncPath } from './folder.js';
import type { StagingLayout } from './layout.js';
import { namesIn, removeFile } from './optional-file.js';

/** Enough that no process that reads the numbers now could take a removed one. */
const KEPT = 64;

type Folder = Pick<StagingLayout, 'epochs'>;

/** The number of the latest epoch; -1 before the first. */
export const latestNumber = async ({ epochs }: Folder) =>
  Math.max(-1, ...(await namesIn(epochs)).map(Number));

/** Takes the number of the next epoch durably: above `above`, and above all that were ever taken. */
export async function takeNumber({ epochs }: Folder, above: number): Promise<number> {
  await makeFolder(epochs, { sync: true });
  for (;;) {
    const number = Math.max(above, await latestNumber({ epochs })) + 1;
    const path = join(epochs, String(number));
    try {
      await using file = await open(path, 'wx', 0o600);
      await file.sync();
    } catch (error) {
      // Another process took it.
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    await giveToFolderOwner(path);
    await syncPath(epochs);
    await removeFile(join(epochs, String(number - KEPT)));
    return number;
  }
}
