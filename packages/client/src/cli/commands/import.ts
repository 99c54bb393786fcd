import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { importFile } from '../batch/import-file.js';
import { type ExitCode, UsageError } from '../exit.js';
import { importFolder } from '../folder/import-folder.js';
import { greet, openServer, type Shell } from '../shell.js';
import { importUrl } from './import-url.js';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
  '.json': 'application/json',
  '.zip': 'application/zip',
};

/** Options by the names that cac gives them. */
const OF_FILES = ['columns', 'dryRun', 'report'];
const WRITTEN: Readonly<Record<string, string>> = { dryRun: '--dry-run', watch: '--no-watch' };

/** `pixdock import SOURCE` */
export async function importSource(shell: Shell, given: string | undefined): Promise<ExitCode> {
  const { t } = shell;
  const source = given ?? shell.given.rest[0];
  if (source === undefined)
    throw new UsageError(t('Import what? pixdock import rows.csv', '要导入什么？pixdock import rows.csv'));
  const server = await openServer(shell);
  if (/^https?:\/\//i.test(source)) {
    refuse(shell, [...OF_FILES, 'again']);
    return importUrl(shell, server.client, source);
  }
  const found = await stat(source).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      t(
        `${source}: ${error.code === 'ENOENT' ? 'there is no such file' : error.code}`,
        `${source}：${error.code === 'ENOENT' ? '没有此文件' : error.code}`,
      ),
    );
  });
  if (found.isDirectory()) {
    refuse(shell, [...OF_FILES, 'watch']);
    await greet(server, shell);
    return importFolder(shell, server, source);
  }
  const mediaType = MEDIA_TYPES[extname(source).toLowerCase()];
  if (mediaType === undefined)
    throw new UsageError(
      t(
        `${source}: import takes .csv, .ndjson, .json and .zip files, a folder, or an http(s) address. For an image: pixdock upload`,
        `${source}：import 支持 .csv、.ndjson、.json、.zip 文件、文件夹或 http(s) 地址。单张图片请用 pixdock upload`,
      ),
    );
  refuse(shell, ['again']);
  await greet(server, shell);
  return importFile(shell, server.client, source, mediaType);
}

/** Nobody should believe that an option did something. */
function refuse({ given, t }: Shell, options: readonly string[]): void {
  for (const option of options) {
    const isGiven =
      option === 'watch' ? !given.flag('watch') : given.flag(option) || given.text(option) !== undefined;
    if (!isGiven) continue;
    const written = WRITTEN[option] ?? `--${option}`;
    throw new UsageError(t(`${written} means nothing for this source.`, `${written} 不适用于此来源。`));
  }
}
