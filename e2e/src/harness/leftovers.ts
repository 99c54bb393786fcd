import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from './stack.js';

/** Ids of images whose source or output is still staged, and of arriving uploads. */
export function staged({ dataDir }: Stack): string[] {
  const live = join(dataDir, 'staging', 'live');
  const ids = readdirSync(live).flatMap((shard) => readdirSync(join(live, shard)));
  return [...ids, ...readdirSync(join(dataDir, 'staging', 'incoming'))];
}

/** All descendants of a process. */
export function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** Reads the kernel's list for each thread, a hundred times faster than reading every process of the machine. */
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
