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
  refuseTogether(shell);
  await greet(server, shell);
  return importFile(shell, server.client, source, mediaType);
}

/** Nobody should believe that an option did something. */
function refuse(shell: Shell, options: readonly string[]): void {
  const { t } = shell;
  const [one] = givenOf(shell, options);
  if (one !== undefined)
    throw new UsageError(t(`${one} means nothing for this source.`, `${one} 不适用于此来源。`));
}

function refuseTogether(shell: Shell): void {
  const { t } = shell;
  const [one] = givenOf(shell, ['report', 'watch']);
  if (one !== undefined && shell.given.flag('dryRun'))
    throw new UsageError(
      t(
        `${one} means nothing with --dry-run, which imports nothing: leave one of them out.`,
        `--dry-run 不导入任何内容，${one} 不起作用：请去掉其中一个。`,
      ),
    );
  if (one === '--report' && !shell.given.flag('watch'))
    throw new UsageError(
      t(
        '--report is written at the end of the batch, for which --no-watch does not wait. Leave one of them out; later: pixdock report bat_… -o result.csv',
        '--report 在批次结束时写出，而 --no-watch 不等待结束。请去掉其中一个；之后可用：pixdock report bat_… -o result.csv',
      ),
    );
}

/** Those of the options that are given, as they are written. */
function givenOf({ given }: Shell, options: readonly string[]): string[] {
  const there = options.filter((option) =>
    option === 'watch' ? !given.flag('watch') : given.flag(option) || given.text(option) !== undefined,
  );
  return there.map((option) => WRITTEN[option] ?? `--${option}`);
}
