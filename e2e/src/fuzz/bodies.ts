import * as fc from 'fast-check';
import { edited, edits } from './edits.js';

/** Text for one line of HTTP. */
export const line = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
});
/** Any Unicode text, including lone surrogates, which UTF-8 cannot encode. */
export const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\ud800', '\0', '\r\n', '__proto__', 'constructor', '../', '\ufeff'),
);

export const broken = (body: fc.Arbitrary<Buffer>, most = 2): fc.Arbitrary<Buffer<ArrayBuffer>> =>
  fc
    .tuple(
      body,
      fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: edits(most, 1) }),
    )
    .map(([whole, changes]) => edited(whole, changes));

export interface Request {
  /** Value of Content-Type; null sends no header. */
  type: string | null;
  query: string;
  body: Buffer;
}

const option = fc.oneof(
  text,
  fc.constantFrom(
    'default',
    'avatar',
    'nobody',
    '{"a":"b"}',
    '{"a":1}',
    '[]',
    'true',
    '0'.repeat(64),
    'x'.repeat(300),
  ),
);
const optionName = fc.oneof(
  fc.constantFrom(
    'profile',
    'externalId',
    'metadata',
    'sha256',
    'webhookUrl',
    'url',
    'file',
    'dryRun',
    'columns',
    'status',
    'cursor',
    'limit',
    'batchId',
    'code',
  ),
  text,
);

/** Well-formed and malformed queries. */
export const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.tuple(optionName, option), { minLength: 1, maxLength: 4 })
      .map(
        (pairs) =>
          `?${pairs.map((pair) => pair.map((part) => encodeURIComponent(Buffer.from(part).toString())).join('=')).join('&')}`,
      ),
  },
  { weight: 1, arbitrary: line.map((raw) => `?${raw.replace(/[ #]/g, '%')}`) },
);

/** Forms with parts in any order, and with valid and invalid boundaries. */
export function forms(files: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Pick<Request, 'type' | 'body'>> {
  const name = fc.oneof({ weight: 3, arbitrary: fc.constant('file') }, { weight: 2, arbitrary: optionName });
  const disposition = fc.oneof(
    { weight: 4, arbitrary: name.map((given) => `form-data; name="${given}"; filename="a.jpg"`) },
    { weight: 3, arbitrary: name.map((given) => `form-data; name="${given}"`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(name, text)
        .map(([given, filename]) => `form-data; name="${given}"; filename*=utf-8''${filename}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(name, text)
        .map(([given, filename]) => `form-data; name="${given}"; filename="${filename}"`),
    },
    { weight: 1, arbitrary: text },
  );
  const header = fc.oneof(
    fc.constantFrom(
      'Content-Type: image/jpeg',
      'Content-Type: application/octet-stream',
      'Content-Transfer-Encoding: base64',
      ': ',
    ),
    text,
  );
  const content = fc.oneof(
    files,
    option.map((value) => Buffer.from(value)),
    text.map((value) => Buffer.from(value)),
  );
  const part = fc.record({ disposition, headers: fc.array(header, { maxLength: 2 }), content });
  const boundary = fc.oneof(
    { weight: 4, arbitrary: fc.constant('b') },
    { weight: 1, arbitrary: line.filter((given) => given.trim() !== '') },
  );
  const type = fc.constantFrom(
    (given: string) => `multipart/form-data; boundary=${given}`,
    (given: string) => `multipart/form-data; boundary="${given}"`,
    (given: string) => `Multipart/Form-Data;charset=utf-8;BOUNDARY=${given}`,
  );
  const whole = fc.tuple(fc.array(part, { maxLength: 5 }), boundary, type).map(([parts, given, typeOf]) => ({
    type: typeOf(given),
    body: Buffer.concat([
      ...parts.flatMap((one) => [
        Buffer.from(
          [`--${given}`, `Content-Disposition: ${one.disposition}`, ...one.headers, '', ''].join('\r\n'),
        ),
        one.content,
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`--${given}--\r\n`),
    ]),
  }));
  return whole.chain(({ type: contentType, body }) =>
    broken(fc.constant(body)).map((sent) => ({ type: contentType, body: sent })),
  );
}
