import { type Body, wrapped } from './body.js';
import { randomKey } from './random-key.js';

const encoder = new TextEncoder();

/** A multipart/form-data body (RFC 7578) of fields and one `file`, which is streamed and not read into memory. */
export function formBody(fields: Record<string, string>, filename: string, file: Body): Body {
  const boundary = `pixdock-${randomKey()}`;
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const type = file.type === undefined ? '' : `Content-Type: ${file.type}\r\n`;
  const head = `${parts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${escaped(filename)}"\r\n${type}\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  return wrapped(
    encoder.encode(head),
    file,
    encoder.encode(tail),
    `multipart/form-data; boundary=${boundary}`,
  );
}

/** As browsers write it (WHATWG HTML, multipart/form-data encoding algorithm). */
function escaped(filename: string): string {
  return filename.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
