import { constants } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { latestNumber, takeNumber } from '@pixdock/shared/state/epoch-number';
import { isThere, namesIn } from '@pixdock/shared/state/files/optional-file';
import { openFolderFiles } from '@pixdock/shared/state/folder-staging/folder-files';
import { STAGING_ID } from '@pixdock/shared/state/staging-id';

/**
 * The order of copying. An entry that moves during the copy is found again later: an image that ends moves from `live` to
 * `outcomes`, a completed deletion from `deletions` to `outcomes`, a deleted batch to a file beside its folder. Uploads in `incoming` are not
 * copied, because no response has confirmed them, and resumable ones because their clients begin again.
 */
const FOLDERS = ['live', 'deletions', 'outcomes', 'batches', 'webhooks'] as const;
type StagingFolder = (typeof FOLDERS)[number];

/** More epochs than begin between a backup and its use, in which no version may be given twice. */
const EPOCHS_LOST = 1000;

/** Number of copied images, deletions, outcomes, batches and files of webhook endpoints. */
export type Copied = Record<StagingFolder, number>;

/**
 * Copies staging while services may use it. On file systems with reflinks, the copy shares blocks with the original.
 * @param onCopied is called after each folder
 */
export async function copyStaging(
  from: string,
  to: string,
  onCopied: (folder: StagingFolder) => unknown = () => {},
): Promise<Copied> {
  const copied: Copied = { live: 0, deletions: 0, outcomes: 0, batches: 0, webhooks: 0 };
  for (const folder of FOLDERS) {
    await mkdir(join(to, folder), { recursive: true, mode: 0o700 });
    await inGroups(entriesOf(join(from, folder)), async (name) => {
      if (await copyEntry(join(from, folder, name), join(to, folder, name))) copied[folder]++;
    });
    await onCopied(folder);
  }
  // Restored, it is the same staging, which Redis knows.
  const [notes, copies] = [openFolderFiles(from), openFolderFiles(to)];
  const id = await notes.read(STAGING_ID);
  if (id !== null) await copies.write(STAGING_ID, id);
  await takeNumber(copies, (await latestNumber(notes)) + EPOCHS_LOST);
  return copied;
}

/** Whether staging contains no entries. */
export async function isEmptyStaging(root: string): Promise<boolean> {
  for (const folder of FOLDERS) for await (const _ of entriesOf(join(root, folder))) return false;
  return true;
}

/** Relative paths of all entries; an entry is the folder or file of one image or batch. */
async function* entriesOf(folder: string): AsyncGenerator<string> {
  for (const shard of await namesIn(folder))
    for (const name of await namesIn(join(folder, shard))) if (isComplete(name)) yield join(shard, name);
}

// A file has a temporary name until it is complete.
const isComplete = (name: string) => !name.endsWith('.tmp');

/** Returns false and leaves no copy if the entry moves away during the copy. */
async function copyEntry(from: string, to: string): Promise<boolean> {
  for (;;) {
    const isCopied = await cp(from, to, {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      preserveTimestamps: true,
      filter: isComplete,
    }).then(
      () => true,
      (error) => {
        if (error.code !== 'ENOENT') throw error;
        return false;
      },
    );
    // Such a file says that the folder of a deleted batch is being removed.
    const file = `${from}.json`;
    if (await isThere(file)) {
      await rm(to, { recursive: true, force: true });
      return copyEntry(file, `${to}.json`);
    }
    const isGone = !(await isThere(from));
    if (isCopied && !isGone) return true;
    await rm(to, { recursive: true, force: true });
    if (isGone) return false;
  }
}
