import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from './stack.js';

/** Ids of images whose source or output is still staged, and of uploads on their way in. */
export function staged({ dataDir }: Stack): string[] {
  const live = join(dataDir, 'staging', 'live');
  const ids = readdirSync(live).flatMap((shard) => readdirSync(join(live, shard)));
  return [...ids, ...readdirSync(join(dataDir, 'staging', 'incoming'))];
}

/** Processes whose parent is `pid`, and theirs. */
export function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return -1;
  }
}
