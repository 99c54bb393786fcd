import { declaredType } from '@pixdock/shared/state/files/declared-type';
import type { Sink } from '@pixdock/shared/state/files/sink';
import { parseDisposition } from './disposition.js';
import { displayName } from './filename.js';
import {
  FILE_AS_TEXT,
  MALFORMED,
  NO_FILE,
  notTheFile,
  TOO_LONG,
  TOO_MANY,
  TWO_FILES,
  twice,
} from './form-problems.js';
import { type Part, readParts } from './parts.js';

// More than there are options. 4 KiB of metadata may take six times as much in JSON escapes.
const MAX_FIELDS = 16;
const MAX_FIELD_BYTES = 32 * 1024;
const MAX_NAME_LENGTH = 100;

export interface Form {
  fields: Map<string, string>;
  filename: string | null;
  declaredType: string | null;
}

/**
 * Reads a multipart/form-data body with parts in any order: writes its one `file` to the sink and returns its fields.
 * @throws PixdockError invalid_request for any other part
 */
export async function readForm(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  sink: Sink,
): Promise<Form> {
  const form: Form = { fields: new Map(), filename: null, declaredType: null };
  const seen = new Set<string>();

  async function take({ headers, content }: Part): Promise<void> {
    const disposition = parseDisposition(headers['content-disposition']?.[0] ?? '');
    if (disposition === null) throw MALFORMED();
    const { name, filename } = disposition;
    const type = declaredType(headers['content-type']?.[0]);
    const isFile = filename !== undefined || type === 'application/octet-stream';
    if (seen.has(name)) throw isFile ? TWO_FILES() : twice(name);
    seen.add(name);
    if (name.length > MAX_NAME_LENGTH) throw TOO_LONG();
    if (seen.size > MAX_FIELDS) throw TOO_MANY();
    if (!isFile && name === 'file') throw FILE_AS_TEXT();
    if (!isFile) return readField(content, name);
    if (name !== 'file') throw notTheFile(name);
    form.declaredType = type;
    form.filename = displayName(filename);
    for await (const chunk of content) await sink.write(chunk);
  }

  async function readField(content: AsyncIterable<Buffer>, name: string): Promise<void> {
    const value: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > MAX_FIELD_BYTES) throw TOO_LONG();
      value.push(chunk);
    }
    form.fields.set(name, Buffer.concat(value).toString('utf8'));
  }

  await readParts(chunks, contentType, take);
  if (!seen.has('file')) throw NO_FILE();
  return form;
}
