import type { Image } from '@pixdock/shared/contract/image';
import type { Pixdock } from '../../pixdock.js';
import type { Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';

/** 20 requests; more failures than these have the same causes. */
const MOST = 2000;

interface Group {
  code: string;
  title: string;
  retryable: boolean;
  count: number;
  example: Image;
}

/** The failures of a batch by their code: how many, what it means, one of them. */
export async function printFailures(shell: Shell, client: Pixdock, id: string): Promise<void> {
  const { screen, t } = shell;
  const { groups, all } = await groupFailures(shell, client, id);
  const widths = {
    count: Math.max(...groups.map((group) => count(group.count).length)),
    code: Math.max(...groups.map(({ code }) => code.length)),
  };
  for (const group of groups) {
    const some = count(group.count).padStart(widths.count);
    screen.err(`  ${screen.red(some)}  ${group.code.padEnd(widths.code)}  ${visible(group.title)}`);
    screen.err(screen.dim(`  ${' '.repeat(widths.count)}  ${exampleOf(shell, group.example)}`));
  }
  if (!all)
    screen.err(t(`  (of the first ${count(MOST)} failures)`, `  （仅统计前 ${count(MOST)} 个失败项）`));
  if (groups.some(({ retryable }) => retryable))
    screen.err(t(`Some may succeed now: pixdock retry ${id}`, `部分项目重试可能成功：pixdock retry ${id}`));
}

async function groupFailures(
  { signal }: Shell,
  client: Pixdock,
  id: string,
): Promise<{ groups: Group[]; all: boolean }> {
  const groups = new Map<string, Group>();
  let seen = 0;
  for await (const image of client.batches.items(id, { status: 'failed', signal })) {
    if (seen++ === MOST) return { groups: sorted(groups), all: false };
    const { code = 'failed', title = 'Failed', retryable = false } = image.error ?? {};
    const group = groups.get(code);
    if (group === undefined) groups.set(code, { code, title, retryable, count: 1, example: image });
    else group.count++;
  }
  return { groups: sorted(groups), all: true };
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
