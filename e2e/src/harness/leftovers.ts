import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from './stack.js';

/** Ids of images and of uploads in progress that have files in staging. */
export const staged = (stack: Stack): string[] => [...liveIds(stack), ...incomingIds(stack)];

/** Ids of images that have a source or an output in staging. */
export function liveIds({ dataDir }: Stack): string[] {
  const live = join(dataDir, 'staging', 'live');
  return readdirSync(live)
    .flatMap((shard) => readdirSync(join(live, shard)))
    .toSorted();
}

/** Ids of uploads in progress. */
export function incomingIds({ dataDir }: Stack): string[] {
  return readdirSync(join(dataDir, 'staging', 'incoming'));
}

/** All descendants of the process `pid`. */
export function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** The kernel lists them for each thread; reading all processes of the machine takes a hundred times as long. */
function childrenOf(pid: number): number[] {
  return entries(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
      return text
        .split(' ')
        .filter((word) => word !== '')
        .map(Number);
    } catch {
      return [];
    }
  });
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
