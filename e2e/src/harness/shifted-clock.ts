import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The wall clock of services that were started with `env`; timers, and the times of files, are unaffected. */
export interface ShiftedClock {
  env: { NODE_OPTIONS: string; CLOCK: string };
  set(aheadMs: number): void;
}

/** @param name of a file in the folder */
export function openShiftedClock(folder: string, name = 'clock'): ShiftedClock {
  const file = join(folder, name);
  const clock: ShiftedClock = {
    env: {
      NODE_OPTIONS: `--import=${fileURLToPath(new URL('shifted-clock.mjs', import.meta.url))}`,
      CLOCK: file,
    },
    set(aheadMs) {
      writeFileSync(`${file}.new`, String(aheadMs));
      renameSync(`${file}.new`, file);
    },
  };
  clock.set(0);
  return clock;
}
