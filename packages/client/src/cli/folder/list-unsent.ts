import { EXIT, type ExitCode } from '../exit.js';
import { isFileError, sayFileError } from '../file-error.js';
import type { Shell } from '../shell.js';
import { count } from '../terminal/units.js';
import { visible } from '../terminal/visible.js';
import type { FolderFile } from './find-existing.js';
import type { Walk } from './walk.js';

/** Prints the files that an import would send, and sends nothing. */
export async function listUnsent(
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
