import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ErrorCode } from '@pixdock/contract/error-table';
import { STATUSES, type Status } from '@pixdock/contract/status';
import type { Pixdock } from '../../pixdock.js';
import { UsageError } from '../exit.js';
import { fileError, isFileError, sayFileError } from '../file-error.js';
import { codeOf, statusOf } from '../filters.js';
import type { Shell } from '../shell.js';
import type { Sink } from '../terminal/screen.js';
import { visible } from '../terminal/visible.js';

/** The format of a text. */
export type TextFormat = 'csv' | 'ndjson';
export type ReportFormat = TextFormat | 'xlsx';

/** Reads the file that a command writes. */
type Reader = (client: Pixdock, id: string) => Promise<ReadableStream<Uint8Array>>;

/** Reads the report of the items with the status and code in the options, or the rows that failed with `--failed`. */
export function readerOf(shell: Shell, format: ReportFormat): Reader {
  const { commandLine, language, signal } = shell;
  const isFailed = commandLine.flag('failed');
  if (isFailed && format !== 'xlsx')
    return (client, id) => client.batches.failedRows(id, { language, signal });
  const filter = isFailed ? ({ status: 'failed' } as const) : filterOf(shell);
  return (client, id) => client.batches.report(id, format, { language, signal, ...filter });
}

/** @throws UsageError for an unknown value, or for both */
function filterOf(shell: Shell): { status?: Status } | { code?: ErrorCode } {
  const status = statusOf(shell, STATUSES);
  const code = codeOf(shell);
  if (status !== undefined && code !== undefined) throw new UsageError(shell.say('status-and-code'));
  return status === undefined ? (code === undefined ? {} : { code }) : { status };
}

/** The report format for a file extension, if there is one. */
export function formatOfName(file: string): ReportFormat | undefined {
  const [, extension] = /\.(csv|xlsx|ndjson|jsonl)$/.exec(file.toLowerCase()) ?? [];
  if (extension === undefined) return undefined;
  return extension === 'csv' || extension === 'xlsx' ? extension : 'ndjson';
}

/** The format of a report file. @throws UsageError for another extension */
export function formatOfReport({ say }: Shell, file: string): ReportFormat {
  const format = formatOfName(file);
  if (format === undefined) throw new UsageError(say('report-extension', { file }));
  return format;
}

/** A report file that appears only when it is complete. At its end, an incomplete one is removed. */
export type ReportFile = Awaited<ReturnType<typeof openReport>>;

/** @throws UsageError if the file cannot be written */
export async function openReport(shell: Shell, file: string, read: Reader) {
  const part = await openPart(shell, file);
  return {
    ...part,
    async save(client: Pixdock, id: string): Promise<void> {
      const report = await read(client, id);
      await pipeline(Readable.fromWeb(report), part.handle.createWriteStream(), { signal: shell.signal });
      await part.complete();
    },
  };
}

/** A file under another name until it is complete. @throws UsageError if the file cannot be written */
export async function openPart(shell: Shell, file: string) {
  const { screen, say } = shell;
  const part = `${file}.part`;
  const handle = await openForWriting(shell, file, part);
  return {
    handle,
    async complete(): Promise<void> {
      await rename(part, file);
      screen.err(say('report-saved', { file: visible(file) }));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await handle.close();
      await rm(part, { force: true });
    },
  };
}

async function openForWriting({ say }: Shell, file: string, part: string): Promise<FileHandle> {
  try {
    const existing = await stat(file).catch(() => undefined);
    if (existing?.isDirectory() === true) throw fileError('EISDIR', say('report-is-folder'));
    return await open(part, 'w');
  } catch (error) {
    if (!isFileError(error)) throw error;
    const hasFolder = !['ENOENT', 'ENOTDIR'].includes(error.code);
    const reason = hasFolder ? sayFileError(say, error) : say('no-such-folder');
    throw new UsageError(say('report-not-writable', { file, reason }));
  }
}

/** Writes the report to stdout. */
export async function printReport(
  { signal, stdout }: Shell,
  client: Pixdock,
  id: string,
  read: Reader,
): Promise<void> {
  // Spreadsheets need the byte order mark of a CSV file.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const report = await read(client, id);
  for await (const chunk of Readable.fromWeb(report) as AsyncIterable<Uint8Array>)
    if (stdout.write(decoder.decode(chunk, { stream: true })) === false) await drained(stdout, signal);
  stdout.write(decoder.decode());
}

function drained(stdout: Sink, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    stdout.once?.('drain', () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
