import { realpath } from 'node:fs/promises';
import { EXIT, type ExitCode } from '../exit.js';
import { type Job, sendFiles, type Totals } from '../sending/send-files.js';
import type { Server, Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { printTotals } from '../totals.js';
import { type FolderFile, findExisting } from './find-existing.js';
import { type FolderReport, openFolderReport } from './folder-report.js';
import { listUnsent } from './list-unsent.js';
import { nameOf } from './names.js';
import { openState, statePath } from './state.js';
import { createUploader } from './upload-file.js';
import { type Walk, walk } from './walk.js';

/** Imports the images of a folder. Each path gets its own image, and only paths without a published image are sent. */
export async function importFolder(shell: Shell, { client, url }: Server, folder: string): Promise<ExitCode> {
  const { commandLine, environment, signal, screen, say } = shell;
  const root = await realpath(folder, { encoding: 'buffer' });
  const profile = commandLine.text('profile') ?? 'default';
  const walked = await walk(root, shell);
  printSkipped(shell, walked);
  const { files, unreadable } = walked;
  if (files.length + unreadable.length === 0) screen.err(say('no-images'));
  const report = await openFolderReport(shell);
  const state = await openState(statePath(environment, new URL(url).href, nameOf(root), profile), {
    forget: commandLine.flag('again'),
  });
  try {
    const found = findExisting(client, files, state, profile, signal);
    if (commandLine.flag('dry-run')) return await listUnsent(shell, found, unreadable);
    const plan = {
      files: files.length + unreadable.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
    };
    const upload = createUploader({ client, state, profile });
    const failed = await sendAll(shell, jobsOf(found, unreadable, upload), plan, report);
    await report.save();
    return failed === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    await state.close();
    await report.close();
  }
}

async function* jobsOf(
  found: AsyncIterable<FolderFile>,
  unreadable: Walk['unreadable'],
  upload: ReturnType<typeof createUploader>,
): AsyncGenerator<Job> {
  for (const { path, error } of unreadable) yield { file: path, size: 0, send: () => Promise.reject(error) };
  for await (const entry of found)
    yield { file: entry.file.path, size: entry.file.size, send: upload(entry) };
}

/** Sends the files, prints the totals even after Ctrl-C, and returns the number of failed files. */
async function sendAll(
  shell: Shell,
  jobs: AsyncIterable<Job>,
  plan: { files: number; bytes: number },
  report: FolderReport,
): Promise<number> {
  const { signal, screen, say } = shell;
  const totals: Totals = { published: { sent: 0, known: 0, unchanged: 0 }, failed: 0 };
  const startedAt = Date.now();
  try {
    await sendFiles(shell, jobs, plan, totals, report.add);
  } finally {
    printTotals(shell, totals, { ...plan, seconds: (Date.now() - startedAt) / 1000 });
    if (signal.aborted) screen.err(say('folder-stopped'));
  }
  return totals.failed;
}

function printSkipped({ screen, say }: Shell, { others, hidden }: Walk): void {
  if (others + hidden === 0) return;
  const countOf = (files: number) => (files === 0 ? null : count(files));
  screen.err(screen.dim(say('skipped', { others: countOf(others), hidden: countOf(hidden) })));
}
