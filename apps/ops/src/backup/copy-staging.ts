import { constants } from 'node:fs';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { isThere } from '@pixdock/shared/state/files/durable';

/**
 * In this order, what moves on while it is copied is met again further on: an image that ends goes from `live` to
 * `outcomes`, a deletion that is done from `deletions` to `outcomes`. A batch does not move, and is of use only whole.
 * What is still on its way in (`incoming`) was promised to nobody.
 */
const PARTS = ['live', 'deletions', 'outcomes', 'batches'] as const;
type Part = (typeof PARTS)[number];

/** How many images, deletions, outcomes and batches were copied. */
export type Copied = Record<Part, number>;

/**
 * Copies what staging keeps, while services may be at work on it. Where the file system can, both share their blocks until
 * one changes.
 * @param onPart hears of each part that is done
 */
export async function copyStaging(
  from: string,
  to: string,
  onPart: (part: Part) => unknown = () => {},
): Promise<Copied> {
  const copied: Copied = { live: 0, deletions: 0, outcomes: 0, batches: 0 };
  for (const part of PARTS) {
    await mkdir(join(to, part), { recursive: true, mode: 0o700 });
    await inGroups(entriesOf(join(from, part)), async (name) => {
      if (await copyWhole(join(from, part, name), join(to, part, name))) copied[part]++;
    });
    await onPart(part);
  }
  return copied;
}

/** Whether staging keeps nothing of anything. */
export async function isEmptyStaging(root: string): Promise<boolean> {
  for (const part of PARTS) for await (const _ of entriesOf(join(root, part))) return false;
  return true;
}

/** Paths of all that lies in the folders of a part, of each image or batch one. */
async function* entriesOf(folder: string): AsyncGenerator<string> {
  for (const shard of await namesIn(folder))
    for (const name of await namesIn(join(folder, shard))) if (isKept(name)) yield join(shard, name);
}

// A file that is being written has another name until it is whole.
const isKept = (name: string) => !name.endsWith('.tmp');

/** False when it is gone: it has moved on, and a part of it would tell of something that is no more. */
async function copyWhole(from: string, to: string): Promise<boolean> {
  for (;;) {
    const isCopied = await cp(from, to, {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      preserveTimestamps: true,
      filter: isKept,
    }).then(
      () => true,
      (error) => {
        if (error.code !== 'ENOENT') throw error;
        return false;
      },
    );
    const isGone = !(await isThere(from));
    if (isCopied && !isGone) return true;
    await rm(to, { recursive: true, force: true });
    if (isGone) return false;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
