import {
  BOUNDARY,
  fieldPart,
  filePart,
  form,
  openRaw,
  part,
  type RawResponse,
  requestHead,
} from '../../harness/raw-http.js';
import { GIF, HEIC, JPEG, PNG, WEBP } from '../pictures.js';
import type { NamedBytes, Recording, Reply, Sending } from '../recording.js';
import { type ExchangeStack, MAX_UPLOAD_BYTES } from '../stage.js';

const IMAGES = 'POST /v1/images';

/** Every way to submit an image, and every reason to refuse one immediately. */
export async function recordSubmitting(stack: ExchangeStack, recording: Recording): Promise<void> {
  const { send, sendInBoth, add } = recording;
  const slow = sendSlowly(stack);
  await send('bytes without a type', IMAGES, { body: PNG });
  await send('bytes of a type', IMAGES, { headers: { 'Content-Type': 'image/png' }, body: JPEG });
  const octets = { 'Content-Type': 'application/octet-stream' };
  const options = new URLSearchParams({ ...OPTIONS, sha256: SHA256 });
  await send('bytes with options', `${IMAGES}?${options.toString()}`, { headers: octets, body: PNG });
  await send('a form', IMAGES, formOf('a form of jpeg.jpg', filePart(JPEG.bytes)));
  const fields = Object.entries(OPTIONS).map(([name, value]) => fieldPart(name, value));
  await send(
    'a form with options first',
    IMAGES,
    formOf('options, then gif.gif', ...fields, filePart(GIF.bytes)),
  );
  await send(
    'a form with options last',
    IMAGES,
    formOf('gif.gif, then options', filePart(GIF.bytes), ...fields),
  );
  await send(
    'a file name with a path',
    IMAGES,
    formOf('a form of C:\\a\\é.jpg', filePart(JPEG.bytes, 'C:\\\\a\\\\é.jpg')),
  );
  await send('an address', IMAGES, json({ url: `${stack.source.url}/image/png` }));
  const headers = { Referer: 'https://a.example/', authorization: 'secret' };
  const address = {
    url: ` ${stack.source.url}/a/../image/png#x `,
    headers,
    profile: 'compact',
    externalId: 'sku-1',
  };
  await send(
    'an address with options',
    IMAGES,
    json({ ...address, metadata: { album: '7' }, sha256: SHA256 }),
  );
  await sendInBoth('refused: a time to wait that is not a number', `${IMAGES}?wait=soon`, { body: PNG });
  await send('a time to wait that is not understood', IMAGES, {
    headers: { Prefer: 'wait=soon' },
    body: PNG,
  });
  await send('in Chinese', IMAGES, { headers: { 'Accept-Language': 'zh' }, body: PNG });

  for (const [name, sending] of Object.entries(REFUSED))
    await sendInBoth(`refused: ${name}`, IMAGES, sending);
  const formOfPng = formOf('a form of png.png', filePart(PNG.bytes));
  await sendInBoth('refused: a form with another MD5', IMAGES, {
    ...formOfPng,
    headers: { ...formOfPng.headers, ...OTHER_MD5 },
  });
  for (const [name, wrong] of Object.entries(WRONG_OPTIONS)) {
    const query = new URLSearchParams(wrong);
    await sendInBoth(`refused: ${name}`, `${IMAGES}?${query.toString()}`, { body: PNG });
  }
  await sendInBoth('refused: a format that the profile does not take', `${IMAGES}?profile=avatar`, {
    body: WEBP,
  });
  await sendInBoth('refused: an option twice', `${IMAGES}?profile=default&profile=default`, { body: PNG });
  await sendInBoth(
    'refused: a query beside JSON',
    `${IMAGES}?profile=default`,
    json({ url: 'https://a.example/' }),
  );
  await sendInBoth(
    'refused: a query beside a form',
    `${IMAGES}?profile=default`,
    formOf('a form', filePart(PNG.bytes)),
  );
  for (const [name, body] of Object.entries(WRONG_JSON))
    await sendInBoth(`refused: ${name}`, IMAGES, json(body));
  for (const [name, parts] of Object.entries(WRONG_FORMS))
    await sendInBoth(`refused: a form with ${name}`, IMAGES, formOf(`a form with ${name}`, ...parts));
  add(
    'refused: a body that is too slow',
    IMAGES,
    { body: { name: 'one byte of ten', bytes: PNG.bytes } },
    await slow,
  );
}

export const json = (value: unknown): Sending => ({
  headers: { 'Content-Type': 'application/json' },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});

export function formOf(name: string, ...parts: Buffer[]): Sending {
  return {
    headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: { name, bytes: form(...parts) },
  };
}

const text = (content: string): NamedBytes => ({ name: content, bytes: Buffer.from(content) });

const OPTIONS = { profile: 'compact', externalId: 'sku-1', metadata: '{"album":"7"}' };
const SHA256 = '7819e8110f8ac0c5e3ad5f306fe75064ca032e47baec81e3ab6e590a55a5a692';

const OTHER_MD5 = { 'Content-MD5': 'AAAAAAAAAAAAAAAAAAAAAA==' };

const REFUSED: Record<string, Sending> = {
  'bytes with another MD5': { headers: OTHER_MD5, body: PNG },
  'a malformed Content-Digest': { headers: { 'Content-Digest': 'sha-256=abc' }, body: PNG },
  'an empty body': { body: text('') },
  text: { body: text('just text') },
  SVG: { body: text('<svg xmlns="http://www.w3.org/2000/svg"/>') },
  HEIC: { body: HEIC },
  'more than the limit': {
    body: { name: 'too many bytes', bytes: Buffer.alloc(MAX_UPLOAD_BYTES + 1, JPEG.bytes) },
  },
  'more than the limit, chunked': {
    headers: { 'Transfer-Encoding': 'chunked' },
    body: { name: 'too many bytes', bytes: Buffer.alloc(MAX_UPLOAD_BYTES + 1, JPEG.bytes) },
  },
  'text of a type for text': { headers: { 'Content-Type': 'text/plain' }, body: text('just text') },
  'a form of another type': { headers: { 'Content-Type': 'multipart/mixed; boundary=b' }, body: PNG },
  'a form without a boundary': { headers: { 'Content-Type': 'multipart/form-data' }, body: PNG },
  'a key of Idempotency-Key that is empty': { headers: { 'Idempotency-Key': '""' }, body: PNG },
};

const WRONG_OPTIONS: Record<string, Record<string, string>> = {
  'an unknown option': { colour: 'red' },
  'an option with another case': { externalID: 'sku-1' },
  'a webhookUrl without an endpoint at its origin': { webhookUrl: 'https://a.example/' },
  'an address as an option': { url: 'https://a.example/' },
  'an unknown profile': { profile: 'poster' },
  'no name of a profile': { profile: '../default' },
  'an empty externalId': { externalId: '' },
  'a long externalId': { externalId: 'x'.repeat(257) },
  'metadata that is not JSON': { metadata: 'album=7' },
  'metadata that is a list': { metadata: '["a"]' },
  'metadata with a number': { metadata: '{"a":1}' },
  'metadata over 4 KiB': { metadata: JSON.stringify({ k: 'x'.repeat(4090) }) },
  'a short sha256': { sha256: 'abc' },
  'another sha256': { sha256: '0'.repeat(64) },
  'more bytes than the profile takes': { profile: 'tiny' },
};

const WRONG_JSON: Record<string, unknown> = {
  'JSON that is broken': '{"url":',
  'JSON that is a list': [],
  'JSON without an address': {},
  'an address that is relative': { url: '/a.jpg' },
  'an address of FTP': { url: 'ftp://a.example/' },
  'an address with a password': { url: 'http://user:secret@a.example/' },
  'an address that is a number': { url: 1 },
  'a long address': { url: `http://a.example/${'x'.repeat(8192)}` },
  'an unknown member': { url: 'https://a.example/', colour: 'red' },
  'a webhookUrl without an endpoint': { url: 'https://a.example/', webhookUrl: 'https://a.example/' },
  'a header that is not allowed': { url: 'https://a.example/', headers: { Cookie: 'a=b' } },
  'a header with a line break': { url: 'https://a.example/', headers: { Referer: 'a\r\nb' } },
  'metadata with a list': { url: 'https://a.example/', metadata: { a: [] } },
  'half of a character': '{"url":"https://a.example/","externalId":"\\ud83d"}',
  'more JSON than the limit': { url: 'https://a.example/', metadata: 'x'.repeat(65_536) },
};

const WRONG_FORMS: Record<string, Buffer[]> = {
  nothing: [],
  'fields only': [fieldPart('profile', 'default')],
  'an empty file': [filePart(Buffer.alloc(0))],
  'two files': [filePart(PNG.bytes), filePart(PNG.bytes)],
  'the file as text': [fieldPart('file', '@photo.jpg')],
  'a field twice': [fieldPart('profile', 'default'), fieldPart('profile', 'default'), filePart(PNG.bytes)],
  'an option with another name': [fieldPart('external_id', 'sku-1'), filePart(PNG.bytes)],
  'a part without a name': [part('form-data', 'x'), filePart(PNG.bytes)],
  'a long field': [fieldPart('metadata', 'x'.repeat(40_000)), filePart(PNG.bytes)],
  'a line break in the file name': [filePart(PNG.bytes, 'a\nb.jpg')],
};

/** Declares ten bytes and sends one. */
async function sendSlowly({ api }: ExchangeStack): Promise<Reply> {
  const connection = await openRaw(api.url);
  try {
    const headers = {
      Authorization: 'Bearer key-of-the-owner-submitter',
      'Content-Length': '10',
      Connection: 'close',
    };
    await connection.send(requestHead('POST', '/v1/images', headers), 'x');
    return toReply(await connection.response({ seconds: 60 }));
  } finally {
    connection.socket.destroy();
  }
}

function toReply(response: RawResponse | null): Reply {
  const { status = 0, headers = {}, body = '' } = response ?? {};
  return { status, headers, text: body, body: JSON.parse(body) };
}
