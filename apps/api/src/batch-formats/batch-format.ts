import type { BatchFormat } from '@pixdock/contract/batch';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { detectOtherFile } from '@pixdock/shared/state/files/other-file';

const FORMATS: Readonly<Record<string, BatchFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/x-jsonlines': 'ndjson',
  'text/csv': 'csv',
  // Browsers on Windows send this type for a .csv file; a workbook is known by its bytes.
  'application/vnd.ms-excel': 'csv',
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
  'multipart/form-data': 'files',
};

/** The format that a media type names. Programs send workbooks under any other type, so only its bytes tell whether a body is one. */
export function batchFormatOf(contentType: string | undefined): BatchFormat {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return (Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined) ?? 'workbook';
}

/** The beginning of a body that tells a workbook from other ZIP archives. */
const HEAD_BYTES = 64;

/**
 * Whether a body is a workbook (or another Office document), under any media type, with the whole body.
 * @throws PixdockError unsupported_media_type for a workbook of a format before XLSX, or one with a password
 */
export async function detectWorkbook(
  chunks: AsyncIterable<Buffer>,
): Promise<{ isWorkbook: boolean; chunks: AsyncGenerator<Buffer> }> {
  const rest = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const { done, value } = await rest.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  const isOffice = detectOtherFile(head.subarray(0, HEAD_BYTES)) === 'office';
  const isZip = head.toString('latin1', 0, 2) === 'PK';
  if (isOffice && !isZip) throw new PixdockError('unsupported_media_type', detailOf('old-workbook'));

  async function* whole(): AsyncGenerator<Buffer> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { isWorkbook: isOffice, chunks: whole() };
}
