import { realpath } from 'node:fs/promises';
import { EXIT, type ExitCode } from '../exit.js';
import { type Job, sendFiles, type Totals } from '../sending/send-files.js';
import type { Server, Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { printTotals } from '../totals.js';
import { findExisting } from './find-existing.js';
import { nameOf } from './names.js';
import { openState, statePath } from './state.js';
import { createUploader } from './upload-file.js';
import { type Walk, walk } from './walk.js';

/** Imports the images of a folder. Each path gets its own image, and only paths without a published image are sent. */
export async function importFolder(shell: Shell, { client, url }: Server, folder: string): Promise<ExitCode> {
  const { commandLine, environment, signal, screen, say } = shell;
  const root = await realpath(folder, { encoding: 'buffer' });
  const profile = commandLine.text('profile') ?? 'default';
  const walked = await walk(root, signal);
  printSkipped(shell, walked);
  const { files, unreadable } = walked;
  if (files.length + unreadable.length === 0) screen.err(say('no-images'));
  const state = await openState(statePath(environment, new URL(url).href, nameOf(root), profile), {
    forget: commandLine.flag('again'),
  });
  const totals: Totals = { published: { sent: 0, known: 0, unchanged: 0 }, failed: 0 };
  const startedAt = Date.now();
  const upload = createUploader({ client, state, profile });
  async function* jobs(): AsyncGenerator<Job> {
    for (const { path, error } of unreadable)
      yield { file: path, size: 0, send: () => Promise.reject(error) };
    for await (const found of findExisting(client, files, state, profile, signal))
      yield { file: found.file.path, size: found.file.size, send: upload(found) };
  }
  const plan = {
    files: files.length + unreadable.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
  };
  try {
    await sendFiles(shell, jobs(), plan, totals);
  } finally {
    await state.close();
    printTotals(shell, totals, { ...plan, seconds: (Date.now() - startedAt) / 1000 });
    if (signal.aborted) screen.err(say('folder-stopped'));
  }
  return totals.failed === 0 ? EXIT.ok : EXIT.failed;
}

function printSkipped({ screen, say }: Shell, { others, hidden }: Walk): void {
  if (others + hidden === 0) return;
  const countOf = (files: number) => (files === 0 ? null : count(files));
  screen.err(screen.dim(say('skipped', { others: countOf(others), hidden: countOf(hidden) })));
}
