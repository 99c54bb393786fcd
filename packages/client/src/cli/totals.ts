import type { Totals } from './sending/send-files.js';
import type { Shell } from './shell.js';
import { clock, count } from './terminal/units.js';

/** The last line of a run, on stderr: what became of how many. */
export function printTotals(
  { screen, t }: Shell,
  { published, failed }: Totals,
  { files, seconds }: { files: number; seconds: number },
): void {
  const all = Object.values(published).reduce((sum, some) => sum + some, 0);
  const parts = [t(`${count(all)} of ${count(files)} published`, `已发布 ${count(all)} / ${count(files)}`)];
  const there = published.known + published.copy;
  if (published.unchanged > 0)
    parts.push(t(`${count(published.unchanged)} unchanged`, `${count(published.unchanged)} 个未变化`));
  if (there > 0) parts.push(t(`${count(there)} there already`, `${count(there)} 个内容已存在`));
  if (failed > 0) parts.push(screen.red(t(`${count(failed)} failed`, `${count(failed)} 个失败`)));
  screen.err(`${parts.join(', ')} (${clock(seconds)})`);
}
