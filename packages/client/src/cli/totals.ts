import type { Totals } from './sending/send-files.js';
import type { Shell } from './shell.js';
import { clock, count } from './terminal/units.js';

/** Prints the last line of a run; its numbers add up to `files`. */
export function printTotals(
  { screen, say }: Shell,
  { published, failed }: Totals,
  { files, seconds }: { files: number; seconds: number },
): void {
  const existing = published.known + published.unchanged;
  const unfinished = files - published.sent - existing - failed;
  const line = say('totals', {
    files: count(files),
    published: count(published.sent),
    existing: existing === 0 ? null : count(existing),
    failed: failed === 0 ? null : count(failed),
    unfinished: unfinished === 0 ? null : count(unfinished),
    time: clock(seconds),
  });
  screen.err(failed === 0 ? line : screen.red(line));
}
