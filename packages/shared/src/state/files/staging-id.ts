import { randomUUID } from 'node:crypto';
import { link, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { latestNumber } from './epoch-number.js';
import { giveToFolderOwner, makeFolder, syncPath } from './folder.js';
import type { StagingLayout } from './layout.js';
import { readIfThere, removeFile } from './optional-file.js';

/** What distinguishes one staging from every other, which may be mounted in its place. */
export interface StagingId {
  id: string;
  /** Host and DATA_DIR, for people. */
  place: string;
  /** Whether no epoch has begun with it yet: it may be the mount point of a disk that is missing. */
  isNew: boolean;
}

/** Reads the id of staging, and gives it one if it has none. */
export async function readStagingId(layout: StagingLayout): Promise<StagingId> {
  const { root, id: path } = layout;
  const place = `${hostname()}:${dirname(root)}`;
  const isNew = (await latestNumber(layout)) < 0;
  for (;;) {
    const id = await readIfThere(path);
    if (id !== null) return { id, place, isNew };
    await makeFolder(root, { sync: true });
    await makeId(path);
    await syncPath(root);
  }
}

/** Another process may make the id at the same time: the first one counts. */
async function makeId(path: string): Promise<void> {
  const id = randomUUID();
  const temporary = `${path}.${id}`;
  {
    await using file = await open(temporary, 'wx', 0o600);
    await file.writeFile(id);
    await file.sync();
  }
  await giveToFolderOwner(temporary);
  await link(temporary, path).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await removeFile(temporary);
}
