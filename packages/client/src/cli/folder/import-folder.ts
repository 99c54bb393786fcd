import { realpath } from 'node:fs/promises';
import { EXIT, type ExitCode } from '../exit.js';
import { type Job, sendFiles, type Totals } from '../sending/send-files.js';
import type { Server, Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { printTotals } from '../totals.js';
import { createLander } from './land.js';
import { lookUp } from './look-up.js';
import { nameOf } from './names.js';
import { openState, statePath } from './state.js';
import { type Walk, walk } from './walk.js';

/** Lands the images of a folder. What was landed before, by this command or another, is not sent again. */
export async function importFolder(shell: Shell, { client, url }: Server, folder: string): Promise<ExitCode> {
  const { given, environment, signal, screen, t } = shell;
  const root = await realpath(folder, { encoding: 'buffer' });
  const profile = given.text('profile') ?? 'default';
  const found = await walk(root, signal);
  printSkipped(shell, found);
  const { files, unreadable } = found;
  if (files.length + unreadable.length === 0)
    screen.err(t('There are no images in this folder.', '此文件夹中没有图片。'));
  const state = await openState(statePath(environment, new URL(url).href, nameOf(root), profile), {
    forget: given.flag('again'),
  });
  const totals: Totals = { published: { sent: 0, known: 0, unchanged: 0, copy: 0 }, failed: 0 };
  const began = Date.now();
  const land = createLander({ client, state, profile });
  async function* jobs(): AsyncGenerator<Job> {
    for (const { path, error } of unreadable)
      yield { file: path, size: 0, send: () => Promise.reject(error) };
    for await (const one of lookUp(client, files, state, profile, signal))
      yield { file: one.file.path, size: one.file.size, send: land(one) };
  }
  const plan = {
    files: files.length + unreadable.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  };
  try {
    await sendFiles(shell, jobs(), plan, totals);
  } finally {
    await state.close();
    printTotals(shell, totals, { ...plan, seconds: (Date.now() - began) / 1000 });
    if (signal.aborted)
      screen.err(t('Stopped. The same command goes on from here.', '已停止。再次执行同一命令会从此处继续。'));
  }
  return totals.failed === 0 ? EXIT.ok : EXIT.failed;
}

function printSkipped({ screen, t }: Shell, { others, hidden }: Walk): void {
  const parts: string[] = [];
  if (others > 0)
    parts.push(t(`${count(others)} that are no images by name`, `${count(others)} 个非图片文件`));
  if (hidden > 0) parts.push(t(`${count(hidden)} hidden`, `${count(hidden)} 个隐藏文件`));
  if (parts.length > 0)
    screen.err(screen.dim(t(`skipped: ${parts.join(', ')}`, `已跳过：${parts.join('，')}`)));
}
