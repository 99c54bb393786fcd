import type { Sink } from '@pixdock/shared/state/files/sink';
import { displayName } from './filename.js';
import { openFormFields } from './form-fields.js';
import { parsePart } from './form-part.js';
import { FILE_AS_TEXT, NO_FILE, TWO_FILES, URL_BESIDE_FILE, URL_IN_FORM } from './form-problems.js';
import { type Part, readParts } from './parts.js';

export interface Form {
  fields: ReadonlyMap<string, string>;
  /** Names of fields that are not options. */
  ignored: string[];
  filename: string | null;
  declaredType: string | null;
}

type File = Pick<Form, 'filename' | 'declaredType'>;

/**
 * Reads a multipart/form-data body with parts in any order: writes the one part that is a file to the sink, whatever its
 * name, and returns the other parts as fields.
 * @throws PixdockError invalid_request for another number of files, and for wrong parts
 */
export async function readForm(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  sink: Sink,
): Promise<Form> {
  const texts = openFormFields();
  let file: File | null = null;

  async function take(part: Part): Promise<void> {
    const { name, filename, type, isFile } = parsePart(part);
    if (!isFile) return texts.read(name, part.content);
    const isNamed = filename !== '';
    if (file !== null && isNamed) throw TWO_FILES();
    const found = { filename: displayName(filename), declaredType: type };
    texts.noteFile(name);
    let bytes = 0;
    for await (const chunk of part.content) {
      if (file !== null) throw TWO_FILES();
      bytes += chunk.length;
      await sink.write(chunk);
    }
    // A browser sends an input without a selected file as an empty part without a file name.
    if (isNamed || bytes > 0) file = found;
  }

  await readParts(chunks, contentType, take);
  // The callback assigns it, which the compiler cannot see.
  const received = file as File | null;
  if ((texts.fields.get('url') ?? '') !== '') throw received === null ? URL_IN_FORM() : URL_BESIDE_FILE();
  if (received === null) throw texts.fields.has('file') ? FILE_AS_TEXT() : NO_FILE();
  return { fields: texts.fields, ignored: texts.ignored(), ...received };
}
