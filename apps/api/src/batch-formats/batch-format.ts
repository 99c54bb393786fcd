import { PixdockError } from '@pixdock/contract/error';

export type BatchFormat = 'json' | 'ndjson' | 'csv' | 'zip' | 'files';

const FORMS: Readonly<Record<string, BatchFormat>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/x-jsonlines': 'ndjson',
  'text/csv': 'csv',
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
  'multipart/form-data': 'files',
};

/** @throws PixdockError unsupported_media_type */
export function batchFormatOf(contentType: string | undefined): BatchFormat {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const form = Object.hasOwn(FORMS, type) ? FORMS[type] : undefined;
  if (form !== undefined) return form;
  throw new PixdockError('unsupported_media_type', {
    en: 'Send application/json { "items": [ … ] }, application/x-ndjson, text/csv, application/zip, or multipart/form-data with many `file` parts, and say which in Content-Type.',
    zh: '请发送 application/json { "items": [ … ] }、application/x-ndjson、text/csv、application/zip，或带多个 file 部分的 multipart/form-data，并在 Content-Type 中注明。',
  });
}
