import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { REUSES } from '@pixdock/contract/batch';
import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';
import type { OpenableSource } from '../../http/body.js';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { deleteAfterOf } from '../filters.js';
import { openFile } from '../sending/open-file.js';
import { createProgress } from '../sending/progress.js';
import type { Shell } from '../shell.js';
import { visible } from '../terminal/visible.js';
import { columnsOf, guessColumnsOf, previewSheet } from './columns.js';
import { finishBatch, printDryRun, printWarnings } from './finish-batch.js';
import { formatOfReport, openReport, type ReportFile, readerOf } from './report.js';
import { watchBatch } from './watch-batch.js';

/** Submits a file of rows, or an archive, as a batch; follows it to its end unless `--no-watch` is set. */
export async function importFile(
  shell: Shell,
  client: Pixdock,
  file: string,
  mediaType: string,
): Promise<ExitCode> {
  const { commandLine, say } = shell;
  const isCsv = mediaType === 'text/csv';
  const given = columnsOf(shell);
  if (!(await hasRows(file, mediaType)))
    throw new UsageError(say(isCsv ? 'no-csv-rows' : 'no-ndjson-rows', { file }));
  await using report = await openReportOption(shell, mediaType);
  const preview = await previewSheet(shell, client, file, mediaType);
  const columns = preview === null ? given : guessColumnsOf(shell, preview, given);
  const { text } = commandLine;
  const options = {
    mediaType,
    name: text('name'),
    profile: text('profile'),
    columns,
    sheet: text('sheet'),
    deleteAfterSeconds: deleteAfterOf(shell),
    replace: commandLine.flag('replace') || undefined,
  };
  if (commandLine.flag('dry-run')) {
    const result = await sendFile(shell, file, (source) =>
      client.batches.create(source, { ...options, dryRun: true, signal: shell.signal }),
    );
    return printDryRun(shell, result);
  }
  const reuse = (await choosesReuse(shell, preview?.isReport ?? false)) ? REUSES : undefined;
  const created = await sendFile(shell, file, (source) =>
    client.batches.create(source, { ...options, reuse, signal: shell.signal }),
  );
  shell.result(created, created.id);
  printWarnings(shell, created.warnings);
  if (commandLine.flag('no-watch')) {
    shell.screen.err(say('follow-hint', { id: created.id }));
    return EXIT.ok;
  }
  const batch = await followBatch(shell, client, created.id);
  if (shell.json) shell.result(batch, '');
  const exit = await finishBatch(shell, client, batch);
  await report?.save(client, batch.id);
  return exit;
}

/** Whether unchanged rows become the images that they are already. Those of a report do, unless the user declines. */
async function choosesReuse(shell: Shell, isReport: boolean): Promise<boolean> {
  const { commandLine, screen, say, stdin, signal } = shell;
  if (commandLine.flag('reuse') || commandLine.flag('no-reuse')) return commandLine.flag('reuse');
  if (!isReport || commandLine.flag('replace')) return false;
  const asks = stdin.isTTY === true && screen.live;
  screen.err(say(asks ? 'reuse-question' : 'reuse-chosen'));
  if (!asks) return true;
  const lines = createInterface({ input: stdin });
  try {
    const [answer] = await Promise.race([once(lines, 'line', { signal }), once(lines, 'close')]);
    return !/^\s*n/i.test(String(answer ?? ''));
  } finally {
    lines.close();
  }
}

/** Lines before the first row, by media type of the formats with one row per line. */
const HEADER_LINES: Readonly<Record<string, number>> = { 'text/csv': 1, 'application/x-ndjson': 0 };

/** Whether a file has at least one row. Reads no further than that row, and assumes one for other formats. */
async function hasRows(file: string, mediaType: string): Promise<boolean> {
  const headerLines = HEADER_LINES[mediaType];
  if (headerLines === undefined) return true;
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let seen = 0;
  for await (const line of lines) if (line.trim() !== '' && ++seen > headerLines) return true;
  return false;
}

async function openReportOption(shell: Shell, mediaType: string): Promise<ReportFile | undefined> {
  const file = shell.commandLine.text('report');
  if (file === undefined) return undefined;
  const format = formatOfReport(shell, file);
  if (format === 'xlsx' && mediaType !== WORKBOOK_TYPE)
    throw new UsageError(shell.say('report-extension', { file }));
  return openReport(shell, file, readerOf(shell, format));
}

async function sendFile<T>(
  shell: Shell,
  file: string,
  create: (source: OpenableSource) => Promise<T>,
): Promise<T> {
  const { size } = await stat(file);
  const progress = createProgress(shell, { files: 1, bytes: size });
  const track = progress.begin(visible(file), size);
  let sent = 0;
  const follower = {
    started() {
      sent = 0;
      track.started();
    },
    sent(bytes: number) {
      sent += bytes;
      track.sent(bytes);
      // The server still checks the last rows.
      if (sent === size) track.waiting();
    },
  };
  try {
    return await create({ ...openFile(file, size, follower), name: basename(file) });
  } catch (error) {
    if (shell.signal.aborted)
      shell.screen.err(shell.say(sent < size ? 'import-stopped' : 'import-stopped-late'));
    throw error;
  } finally {
    progress.stop();
  }
}

async function followBatch(shell: Shell, client: Pixdock, id: string) {
  try {
    return await watchBatch(shell, client, id);
  } catch (error) {
    if (shell.signal.aborted) shell.screen.err(shell.say('batch-continues', { id }));
    throw error;
  }
}
