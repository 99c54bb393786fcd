import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';
import { importFile } from '../batch/import-file.js';
import { type ExitCode, UsageError } from '../exit.js';
import { isFileError, orBrokenLink, sayFileError } from '../file-error.js';
import { deleteAfterOf } from '../filters.js';
import { importFolder } from '../folder/import-folder.js';
import { checkServer, openServer, type Shell } from '../shell.js';
import { importUrl, isUrl } from './import-url.js';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
  '.json': 'application/json',
  '.zip': 'application/zip',
  '.xlsx': WORKBOOK_TYPE,
  '.xlsm': WORKBOOK_TYPE,
};

const OF_BATCHES = ['name', 'columns', 'sheet', 'reuse', 'no-reuse', 'replace'];

/** `pixdock import SOURCE` */
export async function importSource(shell: Shell, source?: string): Promise<ExitCode> {
  const { say } = shell;
  if (source === undefined) throw new UsageError(say('no-source'));
  const server = await openServer(shell);
  if (isUrl(source)) {
    refuse(shell, [...OF_BATCHES, 'dry-run', 'report', 'again']);
    const { commandLine } = shell;
    const options = {
      profile: commandLine.text('profile'),
      deleteAfterSeconds: deleteAfterOf(shell),
      watches: !commandLine.flag('no-watch'),
    };
    return importUrl(shell, server.client, source, options);
  }
  const found = await stat(source).catch(async (reason: unknown) => {
    const error = await orBrokenLink(source, reason, say);
    if (!isFileError(error)) throw error;
    throw new UsageError(say('file-failure', { file: source, reason: sayFileError(say, error) }));
  });
  if (found.isDirectory()) {
    refuse(shell, [...OF_BATCHES, 'no-watch', 'delete-after']);
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
function refuse({ commandLine, say }: Shell, options: readonly string[]): void {
  const name = options.find(commandLine.flag);
  if (name !== undefined) throw new UsageError(say('option-without-effect', { option: `--${name}` }));
}

function refuseConflicts({ commandLine: { flag }, say }: Shell): void {
  if (flag('reuse') && flag('no-reuse')) throw new UsageError(say('reuse-twice'));
  const name = ['report', 'no-watch', 'reuse', 'no-reuse'].find(flag);
  if (name !== undefined && flag('dry-run'))
    throw new UsageError(say('option-in-dry-run', { option: `--${name}` }));
  if (flag('report') && flag('no-watch')) throw new UsageError(say('report-without-watch'));
}
