import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, syncPath } from '../files/folder.js';
import type { StagingLayout } from './layout.js';
import { removeArrival } from './walk.js';

/** The folder of an upload or a batch that is being received. */
export interface ArrivalFolder {
  /** The path until the move. */
  path: string;
  /** Moves it durably to its final path. @throws if that path exists, or the folder is gone */
  moveTo(target: string): Promise<void>;
  /** Removes it, before or after the move. */
  remove(): Promise<void>;
}

/**
 * Creates a separate folder for each request with an id. A request and its repeat, after its server died or stalled, have the
 * same id: the first to move its folder wins, and removes the other folder.
 */
export async function makeArrivalFolder(layout: StagingLayout, id: string): Promise<ArrivalFolder> {
  const first = layout.arriving(id);
  const path = await makeOwnFolder(first);
  let at = path;
  return {
    path,
    async moveTo(target) {
      const shard = dirname(target);
      await rename(path, target).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        await makeFolder(shard, { sync: true });
        await rename(path, target);
      });
      at = target;
      await syncPath(shard);
      if (path !== first) await removeArrival(first);
    },
    remove: () => rm(at, { recursive: true, force: true }),
  };
}

async function makeOwnFolder(path: string): Promise<string> {
  if (await makeFolder(path)) return path;
  return makeOwnFolder(`${path}.${Math.random().toString(36).slice(2)}`);
}
