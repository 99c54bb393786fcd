import type { Batch } from '@pixdock/contract/batch';
import { FINAL_STATUSES, OPEN_STATUSES } from '@pixdock/contract/status';
import type { Pixdock } from '../../pixdock.js';
import type { Shell } from '../shell.js';
import { bar, clock, count, percent } from '../terminal/units.js';

const BAR = 30;
/** Interval of progress lines if nothing can be drawn. */
const LINE_EVERY_MS = 15_000;

/** Shows the progress of a batch until it is final. `each` gets every snapshot. */
export async function watchBatch(
  shell: Shell,
  client: Pixdock,
  id: string,
  each: (batch: Batch) => void = () => {},
): Promise<Batch> {
  let batch: Batch | undefined;
  let lastLineAt = Date.now();
  const drawing = shell.screen.draw(2, (index) => (batch === undefined ? '' : lineOf(shell, batch, index)));
  try {
    for await (batch of client.batches.watch(id, { signal: shell.signal })) {
      each(batch);
      if (shell.screen.live || Date.now() - lastLineAt < LINE_EVERY_MS) continue;
      lastLineAt = Date.now();
      shell.screen.err(`${percent(batch.progress).trim()}: ${countsOf(shell, batch)}${paceOf(shell, batch)}`);
    }
  } finally {
    drawing.stop();
  }
  if (batch === undefined) throw new Error('A watch ended without a snapshot.');
  return batch;
}

function lineOf(shell: Shell, batch: Batch, index: number): string {
  if (index === 1) return `  ${countsOf(shell, batch)}`;
  return `  ${shell.screen.green(bar(batch.progress, BAR))}  ${percent(batch.progress)}${paceOf(shell, batch)}`;
}

function paceOf({ say }: Shell, { itemsPerSecond, etaSeconds, held }: Batch): string {
  if (held > 0) return `  ${say('held', { count: count(held) })}`;
  const pace = itemsPerSecond === null ? '' : `  ${itemsPerSecond.toFixed(itemsPerSecond < 10 ? 1 : 0)}/s`;
  return etaSeconds === null ? pace : `${pace}  ${say('time-left', { time: clock(etaSeconds) })}`;
}

/** `900 rows, 1,000 images: 997 published, 3 failed`; omits statuses without images, and rows of one image each. */
export function countsOf({ screen, say }: Shell, { counts, total, rows }: Batch): string {
  const statuses = [...FINAL_STATUSES, ...OPEN_STATUSES.toReversed()];
  const parts = statuses
    .filter((name) => counts[name] > 0)
    .map((name) => {
      const status = say(`status.${name}`);
      const colored = name === 'failed' ? screen.red(status) : status;
      return say('status-count', { count: count(counts[name]), status: colored });
    });
  return say('counts', { rows: rowsBeside(rows, total), total: count(total), counts: parts });
}

/** The number of rows, where it differs from that of images. */
export function rowsBeside(rows: number, total: number): string | null {
  return rows === total ? null : count(rows);
}
