import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';
import { ROOT } from './root.mjs';
import { DURATIONS_PATH } from './test-durations.mjs';

/** Starts the longest files first, so that no long one is left for a single lane at the end. */
export class LongestFirst extends BaseSequencer {
  async sort(specifications) {
    const seconds = JSON.parse(readFileSync(DURATIONS_PATH, 'utf8'));
    return longestFirst(specifications, ({ moduleId }) => seconds[relative(ROOT, moduleId)]);
  }
}

export function longestFirst(files, secondsOf) {
  const timed = files.map((file) => ({ file, seconds: secondsOf(file) ?? 0 }));
  return timed.toSorted((a, b) => b.seconds - a.seconds).map(({ file }) => file);
}
