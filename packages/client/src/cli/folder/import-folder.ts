import { realpath } from 'node:fs/promises';
import { EXIT, type ExitCode } from '../exit.js';
import { isFileError, sayFileError } from '../file-error.js';
import { type Job, sendFiles } from '../sending/send-files.js';
import type { Server, Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';
import { type FolderFile, findExisting } from './find-existing.js';
import { openFolderReport } from './folder-report.js';
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
  await using report = await openFolderReport(shell);
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
    const failed = await sendFiles(shell, jobsOf(found, unreadable, upload), plan, report.add);
    await report.save();
    return failed === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    if (signal.aborted && !commandLine.flag('dry-run')) screen.err(say('folder-stopped'));
    await state.close();
  }
}

async function* jobsOf(
  found: AsyncIterable<FolderFile>,
  unreadable: Walk['unreadable'],
  upload: ReturnType<typeof createUploader>,
): AsyncGenerator<Job> {
  for (const { path, error } of unreadable) yield { file: path, size: 0, send: () => Promise.reject(error) };
  for await (const one of found) yield { file: one.file.path, size: one.file.size, send: upload(one) };
}

/** Skipped files that are listed. */
const MAX_NAMED = 100;

function printSkipped({ screen, say }: Shell, { others, hidden }: Walk): void {
  if (others.length + hidden === 0) return;
  const countOf = (files: number) => (files === 0 ? null : count(files));
  screen.err(screen.dim(say('skipped', { others: countOf(others.length), hidden: countOf(hidden) })));
  for (const path of others.slice(0, MAX_NAMED)) screen.err(screen.dim(`  ${visible(path)}`));
  const further = others.length - MAX_NAMED;
  if (further > 0) screen.err(screen.dim(`  ${say('more-files', { count: count(further) })}`));
}

/** Prints the files that an import would send, and sends nothing. */
async function listUnsent(
  shell: Shell,
  found: AsyncIterable<FolderFile>,
  walkFaults: Walk['unreadable'],
): Promise<ExitCode> {
  const { screen, say } = shell;
  const totals = { toSend: 0, existing: 0, unreadable: walkFaults.length, empty: 0 };
  const printFault = (path: string, reason: string) =>
    screen.err(`${screen.red(say('failed'))}  ${visible(path)}  ${visible(reason)}`);
  for (const { path, error } of walkFaults) printFault(path, reasonOf(shell, error));
  for await (const { file, unchanged, known, fault } of found) {
    const { path } = file;
    if (fault !== undefined) {
      totals.unreadable++;
      printFault(path, reasonOf(shell, fault));
    } else if (file.size === 0) {
      totals.empty++;
      printFault(path, say('file-empty'));
    } else if ((unchanged ?? known) === undefined) {
      totals.toSend++;
      shell.result({ file: path, bytes: file.size }, visible(path));
    } else totals.existing++;
  }
  const { toSend, existing, unreadable, empty } = totals;
  const text = {
    files: count(toSend + existing + unreadable + empty),
    toSend: count(toSend),
    existing: count(existing),
    unreadable: unreadable === 0 ? null : count(unreadable),
    empty: empty === 0 ? null : count(empty),
  };
  screen.err(say('folder-dry-run-result', text));
  return unreadable + empty === 0 ? EXIT.ok : EXIT.failed;
}

function reasonOf({ say }: Shell, error: unknown): string {
  if (!isFileError(error)) throw error;
  return sayFileError(say, error);
}
