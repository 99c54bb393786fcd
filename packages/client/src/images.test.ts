import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { temporaryFolder } from './cli/testing/run-pixdock.js';
import { serve } from './testing/serve.js';

const image = { id: 'img_1', status: 'queued', version: 1, deleteRequestedAt: null };
const pictureFile = () => {
  const file = join(temporaryFolder(), 'picture');
  writeFileSync(file, 'picture');
  return file;
};
const accept = () => serve(() => ({ status: 202, body: image }));

it('sends the bytes as the body and the options in the query', async () => {
  const { client, requests } = await accept();
  const blob = new Blob(['picture'], { type: 'image/png' });
  const sha256 = 'a'.repeat(64);
  await client.images.upload(blob, {
    profile: 'avatar',
    externalId: 'ä/1',
    metadata: { album: '7' },
    sha256,
    wait: 20,
    idempotencyKey: 'a "quoted" key',
  });
  const [{ url, headers, body } = { url: new URL('http://h'), headers: {}, body: '' }] = requests;
  expect(String(body)).toBe('picture');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    profile: 'avatar',
    externalId: 'ä/1',
    metadata: '{"album":"7"}',
    sha256,
  });
  expect(headers).toMatchObject({
    'content-type': 'image/png',
    'content-length': '7',
    prefer: 'wait=20',
    'idempotency-key': '"a \\"quoted\\" key"',
  });
});

it.each([
  ['a Buffer', () => Buffer.from('picture')],
  ['an ArrayBuffer', () => new TextEncoder().encode('picture').buffer],
  ['a web stream', () => new Blob(['picture']).stream()],
  ['a Node stream', () => Readable.from([Buffer.from('pic'), Buffer.from('ture')])],
  ['a file stream', () => createReadStream(pictureFile())],
  ['a File with a type that is not an image', () => new Blob(['picture'], { type: 'text/plain' })],
])('accepts %s', async (_name, source) => {
  const { client, requests } = await accept();
  expect(await client.images.upload(source())).toEqual(image);
  expect(requests[0]?.headers['content-type']).toBe('application/octet-stream');
  expect(String(requests[0]?.body)).toBe('picture');
});

it.each<[unknown, object, string]>([
  ['photo.jpg', {}, '"photo.jpg" is a string, not the bytes of a file. Open the file first'],
  ['https://a.example/1.jpg', {}, 'Use `images.importUrl(url)`'],
  [new Blob(['x']), { external_id: 'sku-1' }, 'options.external_id: unknown; write: externalId'],
  [new Blob(['x']), { colour: 'red' }, 'options.colour: unknown; known: profile, externalId,'],
])('explains a mistake of JavaScript: %j %j', async (source, options, sentence) => {
  const { client, requests } = await accept();
  const failure = await client.images.upload(source as Blob, options).catch((error) => error);
  expect(failure).toBeInstanceOf(TypeError);
  expect(failure.message).toContain(sentence);
  await expect(client.batches.create(source as Blob, options)).rejects.toThrow(TypeError);
  expect(requests).toEqual([]);
});

it.each([
  ['a Blob', () => new Blob(['picture'], { type: 'image/png' })],
  ['a stream', () => ({ open: () => new Blob(['picture']).stream(), size: 7, type: 'image/png' })],
])('sends a form if there is a file name: %s', async (_name, source) => {
  const { client, requests } = await accept();
  await client.images.upload(source(), { filename: '图 100%.png', profile: 'avatar' });
  const { headers, body } = requests[0] ?? { headers: {}, body: Buffer.alloc(0) };
  expect(headers['content-length']).toBe(String(body.length));
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  }).formData();
  const file = form.get('file') as File;
  expect([form.get('profile'), file.type, await file.text()]).toEqual(['avatar', 'image/png', 'picture']);
  expect(file.name).toBe('图 100%.png');
});

it.each([
  ['quo"te 100%.jpg', `filename="quo%22te 100%.jpg"; filename*=UTF-8''quo%22te%20100%25.jpg`],
  [`图's (1)*"\\`, `filename="图's (1)*%22%5C"; filename*=UTF-8''%E5%9B%BE%27s%20%281%29%2A%22%5C`],
  ['100%22.png', 'filename="100%22.png"'],
])('preserves characters that a quoted name cannot contain: %s', async (filename, parameters) => {
  const { client, requests } = await accept();
  await client.images.upload(new Blob(['picture']), { filename });
  expect(String(requests[0]?.body)).toContain(`form-data; name="file"; ${parameters}\r\n`);
});

it('imports a URL as JSON without unset options', async () => {
  const { client, requests } = await accept();
  await client.images.importUrl('https://h/x.png', {
    externalId: 'sku-1',
    headers: { referer: 'https://h/' },
  });
  expect(JSON.parse(String(requests[0]?.body))).toEqual({
    url: 'https://h/x.png',
    externalId: 'sku-1',
    headers: { referer: 'https://h/' },
  });
  expect(requests[0]?.headers['content-type']).toBe('application/json');
  expect(requests[0]?.headers['idempotency-key']).toBeDefined();
});

it('continues after an empty page', async () => {
  const { client } = await serve(({ url }) =>
    url.searchParams.has('cursor') ? { body: { items: [{ id: '1' }] } } : { body: { items: [], next: 'c2' } },
  );
  const ids: string[] = [];
  for await (const { id } of client.images.list({ status: 'deleted' })) ids.push(id);
  expect(ids).toEqual(['1']);
});

it('lists page by page and stops with the consumer', async () => {
  const { client, requests } = await serve(({ url }) =>
    url.searchParams.has('cursor')
      ? { body: { items: [{ id: '3' }] } }
      : { body: { items: [{ id: '1' }, { id: '2' }], next: 'c2' } },
  );
  for await (const _ of client.images.list({ status: 'failed' })) break;
  expect(requests).toHaveLength(1);
  const ids: string[] = [];
  for await (const { id } of client.images.list({ status: 'failed' })) ids.push(id);
  expect(ids).toEqual(['1', '2', '3']);
  expect(Object.fromEntries(requests.at(-1)?.url.searchParams ?? [])).toEqual({
    limit: '100',
    status: 'failed',
    cursor: 'c2',
  });
});

it('looks up each hash once, a thousand per request', async () => {
  const { client, requests } = await serve(({ body }) => {
    const { sha256 } = JSON.parse(String(body)) as { sha256: string[] };
    return { body: { items: sha256.slice(0, 1).map((id) => ({ id })) } };
  });
  const hashes = Array.from({ length: 2000 }, (_, n) => String(n));
  const found = await client.images.lookup([...hashes, '0', '1']);
  expect(found.map(({ id }) => id)).toEqual(['0', '1000']);
  expect(requests).toHaveLength(2);
  expect(await client.images.lookup([])).toEqual([]);
});

it('returns the warnings of a submission', async () => {
  const warnings = [{ code: 'ignored_field', detail: 'The field was ignored.' }];
  const { client } = await serve(() => ({ status: 202, body: { ...image, warnings } }));
  const { id, warnings: returned } = await client.images.upload(new Blob(['picture']));
  expect([id, returned]).toEqual(['img_1', warnings]);
});

it('approves and rejects held images, and repeats a decision whose response is lost', async () => {
  const { client, requests } = await serve((_, count) =>
    count === 1 ? 'reset' : { status: 202, body: image },
  );
  await client.images.approve('img_1');
  await client.images.reject('img_1');
  expect(requests.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
    'POST /v1/images/img_1/approve',
    'POST /v1/images/img_1/approve',
    'POST /v1/images/img_1/reject',
  ]);
});

it('lists held images, and reads the picture of one', async () => {
  const { client, requests } = await serve(({ url }) =>
    url.pathname.includes('/content/') ? { body: 'picture' } : { body: { items: [image] } },
  );
  for await (const { id } of client.images.list({ stage: 'reviewing' })) expect(id).toBe('img_1');
  const stream = await client.images.content('img_1', { variant: 'thumb' });
  expect(await new Response(stream).text()).toContain('picture');
  expect(requests.map(({ url }) => url.pathname + url.search)).toEqual([
    '/v1/images?limit=100&stage=reviewing',
    '/v1/images/img_1/content/thumb',
  ]);
});
