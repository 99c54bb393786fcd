import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { asError } from '@pixdock/shared/errors';
import { displayName } from './filename.js';
import { invalid } from './options.js';
import type { Sink } from './sink.js';

const LIMITS = {
  // Two files, so that a second one is seen and refused; every option once and some to spare.
  files: 2,
  fields: 16,
  parts: 18,
  fieldNameSize: 100,
  // metadata may hold 4 KiB, in JSON escapes up to six times that.
  fieldSize: 32 * 1024,
  headerPairs: 20,
};

export interface Form {
  fields: Map<string, string>;
  filename: string | null;
  declaredType: string | null;
}

/**
 * Reads a multipart/form-data body: its one `file` goes to the sink, its fields are returned, in whatever order.
 * @throws PixdockError invalid_request for anything else that it finds
 */
export async function readForm(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  sink: Sink,
): Promise<Form> {
  const parser = createParser(contentType);
  const form: Form = { fields: new Map(), filename: null, declaredType: null };
  const state: { failure: Error | null; file: Promise<void> | null } = { failure: null, file: null };
  let giveUp = () => {};
  const failed = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const fail = (error: Error) => {
    state.failure ??= error;
    giveUp();
  };

  parser.on('file', (name, stream, filename, _encoding, mediaType) => {
    stream.on('error', () => {});
    if (name !== 'file' || state.file !== null) {
      fail(name === 'file' ? TWO_FILES() : notTheFile(name));
      stream.resume();
      return;
    }
    form.declaredType = mediaType;
    state.file = copy(stream, sink).catch((error) => {
      fail(asError(error));
      stream.resume();
    });
    try {
      form.filename = displayName(filename);
    } catch (error) {
      fail(asError(error));
    }
  });
  parser.on('field', (name, value, nameCut, valueCut) => {
    if (name === 'file') fail(FILE_AS_TEXT());
    else if (name === undefined || nameCut || valueCut) fail(TOO_LONG());
    else if (form.fields.has(name)) fail(twice(name));
    else form.fields.set(name, value);
  });
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    parser.on(limit, () => fail(TOO_MANY()));
  parser.on('error', () => fail(MALFORMED()));
  const parsed = new Promise<void>((resolve) => void parser.on('finish', resolve));

  try {
    for await (const chunk of chunks) {
      const written = new Promise<void>((resolve) => parser.write(chunk, () => resolve()));
      // After a failure the parser may stay full, or unfinished, for ever.
      await Promise.race([written, failed]);
      if (state.failure !== null) throw state.failure;
    }
    parser.end();
    await Promise.race([parsed, failed]);
    if (state.failure === null && state.file === null) throw NO_FILE();
    await state.file;
    if (state.failure !== null) throw state.failure;
    return form;
  } finally {
    // Not within a parser event: that would throw from inside it.
    setImmediate(() => parser.destroy());
  }
}

function createParser(contentType: string) {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS, preservePath: true });
  } catch {
    throw MALFORMED();
  }
}

async function copy(stream: Readable, sink: Sink): Promise<void> {
  for await (const chunk of stream) await sink.write(chunk);
}

const MALFORMED = () =>
  invalid(
    'The multipart body is malformed or cut off. Let your HTTP library set Content-Type with its boundary.',
    'multipart 请求体格式有误或不完整。请让 HTTP 库自动设置带 boundary 的 Content-Type。',
  );
const NO_FILE = () =>
  invalid(
    'There is no file. Send one part named `file`; with curl: -F file=@photo.jpg.',
    '没有文件。请发送一个名为 file 的部分；使用 curl：-F file=@photo.jpg。',
  );
const TWO_FILES = () =>
  invalid('There is more than one file; send each in a request of its own.', '包含多个文件；请分别发送。');
const FILE_AS_TEXT = () =>
  invalid(
    'The part `file` is text, not a file; with curl write -F file=@photo.jpg with the @.',
    'file 部分是文本而非文件；使用 curl 时写成 -F file=@photo.jpg，注意 @。',
  );
const TOO_LONG = () => invalid('A field name or value is too long.', '字段名或字段值过长。');
const TOO_MANY = () => invalid('There are too many parts.', '部分（part）过多。');
const notTheFile = (name: string | undefined) =>
  invalid(
    `A file must be in the part named \`file\`, not "${(name ?? '').slice(0, 64).replace(/[^\w.-]/g, '?')}".`,
    '文件必须放在名为 file 的部分中。',
  );
const twice = (name: string) =>
  invalid(`Field "${name.replace(/[^\w.-]/g, '?')}" is there twice.`, '同一字段出现了两次。');
