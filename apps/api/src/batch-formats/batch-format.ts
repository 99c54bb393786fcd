import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';

export type BatchFormat = 'json' | 'ndjson' | 'csv' | 'zip' | 'files';

const FORMATS: Readonly<Record<string, BatchFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/x-jsonlines': 'ndjson',
  'text/csv': 'csv',
  // Browsers on Windows send this type for a .csv file; a workbook is refused by its bytes.
  'application/vnd.ms-excel': 'csv',
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
  'multipart/form-data': 'files',
};

/** The media types of XLSX, XLS and the like. */
const SHEET =
  /^application\/(?:vnd\.ms-excel\.|vnd\.openxmlformats-officedocument\.|vnd\.oasis\.opendocument\.|msexcel)/;

/** @throws PixdockError unsupported_media_type */
export function batchFormatOf(contentType: string | undefined): BatchFormat {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (format !== undefined) return format;
  throw new PixdockError(
    'unsupported_media_type',
    detailOf(SHEET.test(type) ? 'sheet-not-csv' : 'batch-type'),
  );
}
