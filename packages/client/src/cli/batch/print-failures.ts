import type { Batch } from '@pixdock/contract/batch';
import { mayRetry } from '@pixdock/contract/error-table';
import type { Image } from '@pixdock/contract/image';
import type { Pixdock } from '../../pixdock.js';
import type { Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';

interface Group {
  code: string;
  title: string;
  count: number;
  example: Image;
}

/** Prints the failures of a batch by code: their number, the title, and an example. */
export async function printFailures(shell: Shell, client: Pixdock, batch: Batch): Promise<void> {
  const { screen, say } = shell;
  const groups = await groupFailures(shell, client, batch);
  const widths = {
    count: Math.max(...groups.map((group) => count(group.count).length)),
    code: Math.max(...groups.map(({ code }) => code.length)),
  };
  for (const group of groups) {
    const number = count(group.count).padStart(widths.count);
    screen.err(`  ${screen.red(number)}  ${group.code.padEnd(widths.code)}  ${visible(group.title)}`);
    screen.err(screen.dim(`  ${' '.repeat(widths.count)}  ${describeExample(shell, group.example)}`));
  }
  const codes = groups.map(({ code }) => code).filter(mayRetry);
  if (codes.length > 0)
    screen.err(say('retry-hint', { id: batch.id, codes: codes.length === groups.length ? [] : codes }));
}

/** Reads every failure: 100,000 take some seconds on one machine. */
async function groupFailures(
  { screen, signal, say }: Shell,
  client: Pixdock,
  { id, counts }: Batch,
): Promise<Group[]> {
  const groups = new Map<string, Group>();
  let done = 0;
  const drawing = screen.draw(
    1,
    () => `  ${say('reading-failures', { done: count(done), total: count(counts.failed) })}`,
  );
  try {
    for await (const image of client.batches.items(id, { status: 'failed', signal })) {
      done++;
      const { code = 'failed', title = 'Failed' } = image.error ?? {};
      const group = groups.get(code);
      if (group === undefined) groups.set(code, { code, title, count: 1, example: image });
      else group.count++;
    }
  } finally {
    drawing.stop();
  }
  return [...groups.values()].toSorted((a, b) => b.count - a.count);
}

function describeExample({ say }: Shell, { row, externalId, source, error }: Image): string {
  // A row that is invalid has no URL, and an older server sends none.
  const names = [externalId ?? source.filename, source.url].filter((name) => typeof name === 'string');
  return say('failure-example', {
    // The detail of `invalid_row` already contains the row.
    row: error?.code === 'invalid_row' ? null : row,
    name: visible(names.join(', ')),
    detail: visible(error?.detail ?? ''),
  });
}
