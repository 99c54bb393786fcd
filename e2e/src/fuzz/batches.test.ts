import { FUZZ_TIMEOUT_MS, fuzz } from '@pixdock/shared/testing/fuzz';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jpegLike } from '../api/support.js';
import { zipOf } from '../batch/zip.js';
import { ask } from '../harness/client.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { broken, forms, type Request, text } from './bodies.js';
import { expectStaged, send } from './judge.js';

let stack: Stack;
const accepted = new Set<string>();
beforeAll(async () => {
  stack = await startApiOnly({ MAX_UPLOAD_BYTES: '16KiB', MAX_BATCH_ITEMS: '8', MAX_BATCH_BYTES: '64KiB' });
});
afterAll(async () => {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ items: [{ url: 'http://a.example/b.jpg' }] });
  expect((await ask(stack, '/v1/batches', { method: 'POST', headers, body })).status).toBe(202);
  await stack.stop();
});

const url = fc.oneof(
  fc.webUrl(),
  text,
  fc.constantFrom('http://a.example/b.jpg', 'http://u:p@a.example/', 'HTTP://[::1]:99999/'),
);
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), text, url);
const item = fc.oneof(
  fc.record(
    { url: value, externalId: value, profile: value, metadata: value, headers: value, sha256: value },
    { requiredKeys: [] },
  ),
  fc.record({ url, metadata: fc.dictionary(text, text), externalId: text }, { requiredKeys: ['url'] }),
  fc.jsonValue({ maxDepth: 2 }),
);
const json = fc
  .oneof(
    fc.array(item, { maxLength: 9 }).map((items) => ({ items })),
    fc.dictionary(text, value),
    fc.jsonValue(),
  )
  .map((body) => Buffer.from(JSON.stringify(body)));
const ndjson = fc
  .array(
    fc.oneof(
      item.map((row) => JSON.stringify(row)),
      text,
    ),
    { maxLength: 9 },
  )
  .map((lines) => Buffer.from(lines.join('\n')));

const cell = fc.oneof(url, text, fc.constantFrom('', '"', '""', 'a"b', '"a\nb"', '主图', '{"a":"b"}'));
const csv = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom('url', 'URL', 'externalId', 'metadata', 'sha256', '主图链接'), cell), {
      maxLength: 5,
    }),
    fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 9 }),
    fc.constantFrom(',', ';', '\t'),
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.constantFrom('utf8', 'latin1', 'utf16le'),
  )
  .map(([header, rows, delimiter, end, encoding]) =>
    Buffer.from(
      [header, ...rows].map((cells) => cells.join(delimiter)).join(end),
      encoding as BufferEncoding,
    ),
  );
const zip = fc
  .dictionary(
    fc.oneof(text, fc.constantFrom('a.jpg', '../b.jpg', '/c.jpg', 'd/', '__MACOSX/a')),
    fc.constantFrom(jpegLike(600), jpegLike(20_000), Buffer.of()),
    { maxKeys: 9 },
  )
  .map((entries) => zipOf(entries));

const search = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constant('?dryRun=true') },
  {
    weight: 1,
    arbitrary: fc
      .oneof(text, fc.constantFrom('主图链接:url', 'a:url,b:metadata.k', ':', 'url:externalId'))
      .map((columns) => `?columns=${encodeURIComponent(Buffer.from(columns).toString())}`),
  },
);
const of = (type: string, body: fc.Arbitrary<Buffer>, most?: number) =>
  fc.record({ type: fc.constant(type), query: search, body: broken(body, most) });
const request: fc.Arbitrary<Request> = fc.oneof(
  of('application/json', json),
  of('application/x-ndjson', ndjson),
  of('text/csv', csv),
  of('application/zip', zip, 4),
  fc
    .record({ form: forms(fc.constantFrom(jpegLike(600), jpegLike(20_000), Buffer.of())), query: search })
    .map(({ form, query }) => ({ ...form, query })),
);

test(
  'accepts any batch, or refuses it with a code and leaves nothing behind',
  async () => {
    const property = fc.asyncProperty(request, async (sent) => {
      const { status, body } = await send(stack, '/v1/batches', sent);
      if (status === 202) accepted.add((JSON.parse(body) as { id: string }).id);
      await expectStaged(stack, 0, accepted.size);
    });
    await fuzz(property, 200);
  },
  FUZZ_TIMEOUT_MS,
);

test('reads every accepted batch, row by row', async () => {
  expect(accepted.size).toBeGreaterThan(0);
  for (const id of accepted)
    for (const path of ['', '/items', '/report.ndjson', '/report.csv']) {
      const response = await fetch(new URL(`/v1/batches/${id}${path}`, stack.api.url), {
        headers: { Authorization: 'Bearer key-of-the-owner-acme' },
      });
      expect(response.status, `${id}${path} ${await response.text()}`).toBe(200);
    }
});
