import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { importFile } from '../batch/import-file.js';
import { type ExitCode, UsageError } from '../exit.js';
import { isFileError, orBrokenLink, sayFileError } from '../file-error.js';
import { importFolder } from '../folder/import-folder.js';
import { checkServer, openServer, type Shell } from '../shell.js';
import { importUrl, isUrl } from './import-url.js';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
  '.json': 'application/json',
  '.zip': 'application/zip',
};

/** Options without effect on a URL, named as in cac. */
const FILE_OPTIONS = ['columns', 'dryRun', 'report'];
const SPELLINGS: Readonly<Record<string, string>> = { dryRun: '--dry-run', watch: '--no-watch' };

/** `pixdock import SOURCE` */
export async function importSource(shell: Shell, argument: string | undefined): Promise<ExitCode> {
  const { say } = shell;
  const source = argument ?? shell.commandLine.rest[0];
  if (source === undefined) throw new UsageError(say('no-source'));
  const server = await openServer(shell);
  if (isUrl(source)) {
    refuse(shell, [...FILE_OPTIONS, 'again']);
    const { commandLine } = shell;
    const options = { profile: commandLine.text('profile'), watches: commandLine.flag('watch') };
    return importUrl(shell, server.client, source, options);
  }
  const found = await stat(source).catch(async (reason: unknown) => {
    const error = await orBrokenLink(source, reason, say);
    if (!isFileError(error)) throw error;
    throw new UsageError(say('file-failure', { file: source, reason: sayFileError(say, error) }));
  });
  if (found.isDirectory()) {
    refuse(shell, ['columns', 'watch']);
    refuseConflicts(shell);
    await checkServer(server, shell);
    return importFolder(shell, server, source);
  }
  const mediaType = MEDIA_TYPES[extname(source).toLowerCase()];
  if (mediaType === undefined) throw new UsageError(say('source-unsupported', { source }));
  refuse(shell, ['again']);
  refuseConflicts(shell);
  await checkServer(server, shell);
  return importFile(shell, server.client, source, mediaType);
}

/** Rejects options without effect, so that users do not rely on them. */
function refuse(shell: Shell, options: readonly string[]): void {
  const [option] = findSet(shell, options);
  if (option !== undefined) throw new UsageError(shell.say('option-without-effect', { option }));
}

function refuseConflicts(shell: Shell): void {
  const { commandLine, say } = shell;
  const [option] = findSet(shell, ['report', 'watch']);
  if (option !== undefined && commandLine.flag('dryRun'))
    throw new UsageError(say('option-in-dry-run', { option }));
  if (option === '--report' && !commandLine.flag('watch')) throw new UsageError(say('report-without-watch'));
}

/** The options that are set, as typed. */
function findSet({ commandLine }: Shell, options: readonly string[]): string[] {
  const set = options.filter((option) =>
    option === 'watch'
      ? !commandLine.flag('watch')
      : commandLine.flag(option) || commandLine.text(option) !== undefined,
  );
  return set.map((option) => SPELLINGS[option] ?? `--${option}`);
}
