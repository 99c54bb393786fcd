import { open } from 'node:fs/promises';
import { guessColumns, mappingOf } from '@pixdock/contract/sheet/guess-columns';
import { readSheetHead, SHEET_HEAD_BYTES } from '@pixdock/contract/sheet/read-head';
import { withoutReportColumns } from '@pixdock/contract/sheet/report-columns';
import type { Shell } from '../shell.js';
import { visible } from '../terminal/visible.js';

/**
 * Guesses and prints `--columns` for a CSV file without a column named `url`. Returns undefined for other files, and if no
 * column seems to contain URLs: the server then says what is missing.
 */
export async function guessMapping({ screen, say }: Shell, file: string) {
  const { headers, rows } = await readHead(file);
  if (withoutReportColumns(headers).some((header) => header.toLowerCase() === 'url')) return undefined;
  // `columns` separates its pairs with commas, and names each header once.
  const isNameable = (header: string) =>
    !header.includes(',') && headers.indexOf(header) === headers.lastIndexOf(header);
  const fields = guessColumns(headers, rows).map((field, i) =>
    isNameable(headers[i] ?? '') ? field : 'none',
  );
  if (!fields.includes('url')) return undefined;
  const columns = mappingOf(headers, fields);
  const pairs = Object.entries(columns).map((pair) => pair.join(':'));
  screen.err(say('columns-guessed', { pairs: visible(pairs.join(',')) }));
  return columns;
}

async function readHead(file: string) {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, SHEET_HEAD_BYTES)));
    return readSheetHead(buffer.subarray(0, bytesRead), size <= SHEET_HEAD_BYTES);
  } finally {
    await handle.close();
  }
}
