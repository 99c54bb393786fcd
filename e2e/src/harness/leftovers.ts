import { readdirSync } from 'node:fs';
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
