import type { Batch } from '@pixdock/contract/batch';
import type { Pixdock } from '../../pixdock.js';
import type { Shell } from '../shell.js';
import { bar, clock, count, percent } from '../terminal/units.js';

const BAR = 30;
/** Where nothing can be drawn, a line this often says that it goes on. */
const LINE_EVERY_MS = 15_000;

/** Shows how a batch goes until it is final. `each` gets every snapshot. */
export async function watchBatch(
  shell: Shell,
  client: Pixdock,
  id: string,
  each: (batch: Batch) => void = () => {},
): Promise<Batch> {
  let batch: Batch | undefined;
  let told = Date.now();
  const drawing = shell.screen.draw(2, (index) => (batch === undefined ? '' : lineOf(shell, batch, index)));
  try {
    for await (batch of client.batches.watch(id, { signal: shell.signal })) {
      each(batch);
      if (shell.screen.live || Date.now() - told < LINE_EVERY_MS) continue;
      told = Date.now();
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

function paceOf({ t }: Shell, { itemsPerSecond, etaSeconds }: Batch): string {
  const pace = itemsPerSecond === null ? '' : `  ${itemsPerSecond.toFixed(itemsPerSecond < 10 ? 1 : 0)}/s`;
  return etaSeconds === null ? pace : `${pace}  ${clock(etaSeconds)} ${t('left', '剩余')}`;
}

/** `997 published, 3 failed`: what there is none of is left out. */
export function countsOf({ screen, t }: Shell, { counts, total }: Batch): string {
  const names = {
    published: t('published', '已发布'),
    failed: screen.red(t('failed', '失败')),
    canceled: t('canceled', '已取消'),
    deleted: t('deleted', '已删除'),
    processing: t('processing', '处理中'),
    queued: t('queued', '排队中'),
  };
  const parts = Object.entries(names).flatMap(([status, name]) => {
    const some = counts[status as keyof typeof names];
    return some > 0 ? [t(`${count(some)} ${name}`, `${name} ${count(some)}`)] : [];
  });
  const all = t(`${count(total)} ${total === 1 ? 'image' : 'images'}: `, `共 ${count(total)} 张图片：`);
  return all + (parts.join(t(', ', '，')) || '–');
}
