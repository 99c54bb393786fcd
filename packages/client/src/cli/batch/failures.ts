import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import type { Pixdock } from '../../pixdock.js';
import type { Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';

interface Group {
  code: string;
  title: string;
  retryable: boolean;
  count: number;
  example: Image;
}

/** The failures of a batch by their code: how many, what it means, one of them. */
export async function printFailures(shell: Shell, client: Pixdock, batch: Batch): Promise<void> {
  const { screen, t } = shell;
  const groups = await groupFailures(shell, client, batch);
  const widths = {
    count: Math.max(...groups.map((group) => count(group.count).length)),
    code: Math.max(...groups.map(({ code }) => code.length)),
  };
  for (const group of groups) {
    const some = count(group.count).padStart(widths.count);
    screen.err(`  ${screen.red(some)}  ${group.code.padEnd(widths.code)}  ${visible(group.title)}`);
    screen.err(screen.dim(`  ${' '.repeat(widths.count)}  ${exampleOf(shell, group.example)}`));
  }
  if (groups.some(({ retryable }) => retryable))
    screen.err(
      t(`Some may succeed now: pixdock retry ${batch.id}`, `部分项目重试可能成功：pixdock retry ${batch.id}`),
    );
}

/** Reads them all, a hundred thousand in some seconds on one machine. */
async function groupFailures(
  { screen, signal, t }: Shell,
  client: Pixdock,
  { id, counts }: Batch,
): Promise<Group[]> {
  const groups = new Map<string, Group>();
  let seen = 0;
  const drawing = screen.draw(1, () => {
    const [some, all] = [count(seen), count(counts.failed)];
    return t(`  looking at the failures: ${some} of ${all}`, `  正在查看失败项：${some} / ${all}`);
  });
  try {
    for await (const image of client.batches.items(id, { status: 'failed', signal })) {
      seen++;
      const { code = 'failed', title = 'Failed', retryable = false } = image.error ?? {};
      const group = groups.get(code);
      if (group === undefined) groups.set(code, { code, title, retryable, count: 1, example: image });
      else group.count++;
    }
  } finally {
    drawing.stop();
  }
  return sorted(groups);
}

const sorted = (groups: Map<string, Group>) => [...groups.values()].toSorted((a, b) => b.count - a.count);

function exampleOf({ t }: Shell, { row, externalId, source, error }: Image): string {
  const name = externalId ?? source.filename;
  // What is wrong with a row names it already.
  const place = row === null || error?.code === 'invalid_row' ? '' : t(`row ${row}`, `第 ${row} 行`);
  const known = name === null ? '' : visible(name);
  const who = place !== '' && known !== '' ? `${place} (${known})` : place + known;
  return `${t('e.g.', '例如')} ${who === '' ? '' : `${who}: `}${visible(error?.detail ?? '')}`;
}
