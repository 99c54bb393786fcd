import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pixdock } from '../../pixdock.js';
import type { Shell } from '../shell.js';
import type { Sink } from '../terminal/screen.js';
import { visible } from '../terminal/visible.js';

export type ReportFormat = 'csv' | 'ndjson';

/** The format that a file's name asks for, if it asks for one of ours. */
export function formatOfName(file: string): ReportFormat | undefined {
  const [, extension] = /\.(csv|ndjson|jsonl)$/i.exec(file) ?? [];
  if (extension === undefined) return undefined;
  return extension.toLowerCase() === 'csv' ? 'csv' : 'ndjson';
}

/** Writes the report into the file, which is there only when it is whole. */
export async function saveReport(
  { signal, language, screen, t }: Shell,
  client: Pixdock,
  id: string,
  format: ReportFormat,
  file: string,
): Promise<void> {
  const part = `${file}.part`;
  const report = await client.batches.report(id, format, { language, signal });
  try {
    await pipeline(Readable.fromWeb(report), createWriteStream(part), { signal });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  screen.err(t(`report: ${visible(file)}`, `报告：${visible(file)}`));
}

/** Writes the report to stdout. */
export async function printReport(
  { signal, language, stdout }: Shell,
  client: Pixdock,
  id: string,
  format: ReportFormat,
): Promise<void> {
  // Spreadsheets need the mark at the beginning of a CSV file.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const report = await client.batches.report(id, format, { language, signal });
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
