import { Dicer } from '@fastify/busboy';
import { asError } from '@pixdock/shared/errors';
import { declaredType } from './declared-type.js';
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
import type { Sink } from './sink.js';

// Every option once and some to spare; metadata may hold 4 KiB, in JSON escapes up to six times that.
const MAX_FIELDS = 16;
const MAX_FIELD_BYTES = 32 * 1024;
const MAX_NAME_LENGTH = 100;
const MAX_PART_HEADERS = 20;

export interface Form {
  fields: Map<string, string>;
  filename: string | null;
  declaredType: string | null;
}

/**
 * Reads a multipart/form-data body: its one `file` goes to the sink, its fields are returned, in whatever order.
 * Built on busboy's splitter and not on busboy, which passes over parts whose headers it does not understand.
 * @throws PixdockError invalid_request for anything else that it finds
 */
export async function readForm(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  sink: Sink,
): Promise<Form> {
  const splitter = new Dicer({ boundary: boundaryOf(contentType), maxHeaderPairs: MAX_PART_HEADERS + 1 });
  const form: Form = { fields: new Map(), filename: null, declaredType: null };
  const parts: Promise<void>[] = [];
  let begun = 0;
  let failure: Error | null = null;
  let giveUp = () => {};
  const failed = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const fail = (error: unknown) => {
    failure ??= asError(error);
    giveUp();
  };

  splitter.on('part', (part) => {
    part.on('error', () => fail(MALFORMED()));
    // Headers that are cut off are never told.
    if (begun !== parts.length) fail(MALFORMED());
    begun++;
    part.on('header', (headers) => {
      try {
        if (failure === null) parts.push(take(part, headers).catch(fail));
      } catch (error) {
        fail(error);
      }
      // Nobody reads a part after a failure, and the splitter must not stay full.
      if (failure !== null) part.resume();
    });
  });
  splitter.on('error', () => fail(MALFORMED()));
  let done = false;
  const split = new Promise<void>((resolve) => {
    splitter.on('finish', () => {
      done = true;
      resolve();
    });
  });

  const seen = new Set<string>();
  function take(part: Dicer.PartStream, headers: PartHeaders): Promise<void> {
    const disposition = parseDisposition(headers['content-disposition']?.[0] ?? '');
    if (disposition === null || countOf(headers) > MAX_PART_HEADERS) throw MALFORMED();
    const { name, filename } = disposition;
    const type = declaredType(headers['content-type']?.[0]);
    const isFile = filename !== undefined || type === 'application/octet-stream';
    if (seen.has(name)) throw isFile ? TWO_FILES() : twice(name);
    seen.add(name);
    if (name.length > MAX_NAME_LENGTH) throw TOO_LONG();
    if (seen.size > MAX_FIELDS) throw TOO_MANY();
    if (!isFile && name === 'file') throw FILE_AS_TEXT();
    if (!isFile) return readField(part, name);
    if (name !== 'file') throw notTheFile(name);
    form.declaredType = type;
    form.filename = displayName(filename);
    return readFile(part);
  }

  async function readFile(part: Dicer.PartStream): Promise<void> {
    for await (const chunk of part) await sink.write(chunk);
  }

  async function readField(part: Dicer.PartStream, name: string): Promise<void> {
    const value: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of part) {
      bytes += chunk.length;
      if (bytes > MAX_FIELD_BYTES) throw TOO_LONG();
      value.push(chunk);
    }
    form.fields.set(name, Buffer.concat(value).toString('utf8'));
  }

  const giveUpOnFailure = async (step: Promise<unknown>) => {
    // After a failure the splitter may stay full, or unfinished, for ever.
    await Promise.race([step, failed]);
    if (failure !== null) throw failure;
  };
  try {
    for await (const chunk of chunks) {
      // An epilogue.
      if (done) continue;
      const written = new Promise<void>((resolve) => splitter.write(chunk, () => resolve()));
      // It does not call back for the chunk with the end in it when a reader had to catch up.
      await giveUpOnFailure(Promise.race([written, split]));
    }
    if (!done) splitter.end();
    await giveUpOnFailure(split);
    if (begun !== parts.length) throw MALFORMED();
    await giveUpOnFailure(Promise.all(parts));
    if (!seen.has('file')) throw NO_FILE();
    return form;
  } finally {
    // Not within one of its events: that would throw from inside it.
    setImmediate(() => splitter.destroy());
  }
}

type PartHeaders = Partial<Record<string, string[]>>;

const countOf = (headers: PartHeaders) => Object.values(headers).flat().length;

function boundaryOf(contentType: string): string {
  const [, quoted, token] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? token;
  if (boundary === undefined) throw MALFORMED();
  return boundary;
}
