import { FILE_AS_TEXT, misspelled, partOfFile, TOO_LONG, TOO_MANY, twice } from './form-problems.js';
import { isOption, meantOption } from './options.js';

const MAX_FIELDS = 32;
/** 4 KiB of metadata have 682 members at most. */
const MAX_TEXT_PARTS = 700;
// 4 KiB of metadata may take six times as much in JSON escapes.
const MAX_FIELD_BYTES = 32 * 1024;
/** All text parts of a form together. */
export const MAX_FIELDS_BYTES = 512 * 1024;
const MAX_NAME_LENGTH = 100;

/** Names that clients send with every file: Uppy, WebUploader, Plupload, HTML forms. */
const CLIENT_NAMES = [
  'name',
  'type',
  'size',
  'relativePath',
  'lastModified',
  'lastModifiedDate',
  'MAX_FILE_SIZE',
  '_charset_',
];

/** Where upload libraries say into how many requests they cut a file: flow.js, Resumable.js, Dropzone, Fine Uploader, others. */
const CHUNK_COUNTS = [
  'flowtotalchunks',
  'resumabletotalchunks',
  'dztotalchunkcount',
  'qqtotalparts',
  'totalchunks',
  'total_chunks',
  'chunkcount',
  'chunks',
];

/** The text parts of a form. */
export function openFormFields() {
  const fields = new Map<string, string>();
  const fileParts = new Set<string>();
  let parts = 0;
  let others = 0;
  let bytes = 0;

  async function readText(name: string, content: AsyncIterable<Buffer>): Promise<string> {
    const value: Buffer[] = [];
    let length = 0;
    for await (const chunk of content) {
      length += chunk.length;
      bytes += chunk.length;
      if (length > MAX_FIELD_BYTES || bytes > MAX_FIELDS_BYTES)
        throw name === 'file' ? FILE_AS_TEXT() : TOO_LONG();
      value.push(chunk);
    }
    return Buffer.concat(value).toString('utf8');
  }

  return {
    fields: fields as ReadonlyMap<string, string>,

    /**
     * @throws PixdockError invalid_request for a misspelled or repeated option, for a part of a file, and for more than a form
     * may contain
     */
    async read(name: string, content: AsyncIterable<Buffer>): Promise<void> {
      if (name.length > MAX_NAME_LENGTH) throw TOO_LONG();
      if (++parts > MAX_TEXT_PARTS) throw TOO_MANY();
      if (isOption(name)) {
        if (fields.has(name)) throw twice(name);
      } else {
        const meant = meantOption(name);
        if (meant !== null) throw misspelled(name, meant);
        if (!fields.has(name) && ++others > MAX_FIELDS) throw TOO_MANY();
      }
      const value = await readText(name, content);
      if (CHUNK_COUNTS.includes(name.toLowerCase()) && Number(value) > 1) throw partOfFile(name, value);
      fields.set(name, value);
    },

    /** Notes the name of a part that is a file. */
    noteFile(name: string): void {
      if (fileParts.size < MAX_FIELDS && name.length <= MAX_NAME_LENGTH) fileParts.add(name);
    },

    /** The fields that are neither options nor sent by clients with every file. */
    ignored(): string[] {
      const unknown = [...fields].filter(([name]) => !isOption(name) && !CLIENT_NAMES.includes(name));
      // FilePond sends the metadata of a file as a part of the same name.
      return unknown.flatMap(([name, value]) => (fileParts.has(name) && isJsonObject(value) ? [] : [name]));
    },
  };
}

function isJsonObject(text: string): boolean {
  if (!text.startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
