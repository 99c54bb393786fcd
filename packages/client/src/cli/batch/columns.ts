import { openAsBlob } from 'node:fs';
import { open } from 'node:fs/promises';
import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';
import { splitPairs } from '@pixdock/contract/sheet/column-pairs';
import { type ColumnField, guessColumns, mappingOf } from '@pixdock/contract/sheet/guess-columns';
import { keyOfMetadataColumn } from '@pixdock/contract/sheet/metadata-column';
import { PREVIEW_BYTES, type SheetPreview } from '@pixdock/contract/sheet/preview';
import type { Pixdock } from '../../pixdock.js';
import { UsageError } from '../exit.js';
import type { Shell } from '../shell.js';
import { visible } from '../terminal/visible.js';

/** Parses `--columns HEADER:field,…`. @throws UsageError */
export function columnsOf({ commandLine, say }: Shell): Record<string, string> | undefined {
  const text = commandLine.text('columns');
  if (text === undefined) return undefined;
  const columns = new Map<string, string>();
  for (const { pair, header, field } of splitPairs(text)) {
    if (header === '' || field === '') throw new UsageError(say('invalid-column', { pair }));
    if (columns.has(header)) throw new UsageError(say('duplicate-column', { header }));
    columns.set(header, field);
  }
  return Object.fromEntries(columns);
}

/** The server needs the whole workbook for a preview. A larger one is sent only once, as a batch. */
const MAX_WORKBOOK_BYTES = 50 * 1024 * 1024;

/** The beginning of a sheet as the server reads it; null for a file without columns, or a large workbook. */
export async function previewSheet(
  { commandLine, signal }: Shell,
  client: Pixdock,
  file: string,
  mediaType: string,
): Promise<SheetPreview | null> {
  if (mediaType === 'text/csv') return client.batches.preview(await readBeginning(file), { signal });
  if (mediaType !== WORKBOOK_TYPE) return null;
  const workbook = await openAsBlob(file);
  const options = { sheet: commandLine.text('sheet'), mediaType, signal };
  return workbook.size > MAX_WORKBOOK_BYTES ? null : client.batches.preview(workbook, options);
}

/**
 * Guesses and prints `--columns` for a sheet, as the console does, unless they are `given`, and prints the columns without
 * a field. Returns undefined if the server finds all fields by their names, or if no column seems to contain URLs: the server
 * then says what is missing.
 */
export function guessColumnsOf(
  { screen, say }: Shell,
  preview: SheetPreview,
  given: Record<string, string> | undefined,
) {
  const { columns: headers } = preview;
  // `columns` names all columns of a header.
  const isNameable = (header: string, field: ColumnField) =>
    field === 'url' || headers.indexOf(header) === headers.lastIndexOf(header);
  const fields = guessColumns(preview).map((field, i) =>
    isNameable(headers[i] ?? '', field) ? field : 'none',
  );
  const hasUrl = fields.includes('url') || headers.some((header) => header.toLowerCase() === 'url');
  if (given === undefined && !hasUrl) return undefined;
  const columns = given ?? mappingOf(headers, fields);
  const isGuess = given === undefined && Object.keys(columns).some((header) => !isFieldName(header));
  if (isGuess) {
    const pairs = Object.entries(columns).map((pair) => pair.join(':'));
    screen.err(say('columns-guessed', { pairs: visible(pairs.join(',')) }));
  }
  const unused = headers.filter(
    (header) => header !== '' && !Object.hasOwn(columns, header) && !isFieldName(header),
  );
  if (unused.length > 0) screen.err(say('columns-unused', { headers: unused.map(visible) }));
  return isGuess ? columns : given;
}

/** Whether the server knows the field of a column by its name. */
const isFieldName = (header: string) =>
  /^(?:url|external_?id|profile|sha256|metadata)$/i.test(header) || keyOfMetadataColumn(header) !== null;

async function readBeginning(file: string) {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(
    Buffer.alloc(Math.min((await handle.stat()).size, PREVIEW_BYTES)),
  );
  return buffer.subarray(0, bytesRead);
}
