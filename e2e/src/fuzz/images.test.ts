import { FUZZ_TIMEOUT_MS, fuzz } from '@pixdock/shared/testing/fuzz';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jpegLike } from '../api/support.js';
import { upload } from '../harness/client.js';
import { rawRequest, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { broken, forms, line, query, type Request, text } from './bodies.js';
import { expectStaged, judge, send } from './judge.js';

const MAX = 16 * 1024;
let stack: Stack;
const accepted = new Set<string>();
beforeAll(async () => {
  stack = await startApiOnly({ MAX_UPLOAD_BYTES: String(MAX) });
});
afterAll(async () => {
  // The API has survived all requests.
  const response = await upload(stack, jpegLike(5000));
  expect(response.status).toBe(202);
  await stack.stop();
});

const file = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      jpegLike(600),
      jpegLike(5000),
      jpegLike(MAX),
      jpegLike(MAX + 1),
      Buffer.from('GIF89a'),
      Buffer.alloc(0),
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 700 }) },
);
const formed = fc
  .record({ form: forms(file), query })
  .map(({ form, ...rest }): Request => ({ ...form, ...rest }));
const raw = fc.record({
  type: fc.oneof(
    fc.constantFrom(null, 'image/jpeg', 'image/svg+xml', 'application/octet-stream', 'IMAGE/;', 'text/html'),
    line,
  ),
  query,
  body: file.map((bytes) => Buffer.from(bytes)),
});
const member = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  text,
  fc.constantFrom(
    'http://a.example/b.jpg',
    'file:///etc/passwd',
    'http://[::1',
    {},
    { authorization: 'a\nb' },
  ),
);
const json = fc.record({
  type: fc.constantFrom('application/json', 'application/json; charset=utf-16'),
  query,
  body: broken(
    fc
      .oneof(
        fc.record(
          {
            url: member,
            headers: member,
            profile: member,
            externalId: member,
            metadata: member,
            sha256: member,
          },
          { requiredKeys: [] },
        ),
        fc.record(
          { url: fc.webUrl(), metadata: fc.dictionary(text, text), externalId: text },
          { requiredKeys: ['url'] },
        ),
        fc.jsonValue(),
        fc.nat(30_000).map((depth) => JSON.parse('{}', () => '['.repeat(depth)) as string),
      )
      .map((value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))),
  ),
});
const headers = fc.record(
  { 'Idempotency-Key': line, Prefer: fc.oneof(line, fc.constant('wait=0')), 'Accept-Language': line },
  { requiredKeys: [] },
);

test(
  'accepts any image request, or refuses it with a code and leaves nothing behind',
  async () => {
    const property = fc.asyncProperty(fc.oneof(formed, formed, raw, json), headers, async (request, more) => {
      const { status, body } = await send(stack, '/v1/images', request, more);
      if (status === 202) accepted.add((JSON.parse(body) as { id: string }).id);
      await expectStaged(stack, accepted.size, 0);
    });
    await fuzz(property, 150);
  },
  FUZZ_TIMEOUT_MS,
);

const id = fc.oneof(fc.constantFrom(`img_${'0'.repeat(32)}`, `bat_${'0'.repeat(32)}`), text, line);
const path = fc.oneof(
  fc.constantFrom('/v1/images', '/v1/batches', '/v1/errors', '/readyz'),
  fc
    .tuple(
      fc.constantFrom('images', 'batches', 'errors'),
      id,
      fc.constantFrom('', '/items', '/report.csv', '/events', '/retry'),
    )
    .map(([kind, name, rest]) => `/v1/${kind}/${encodeURIComponent(Buffer.from(name).toString())}${rest}`),
);
const asking = fc.record(
  { 'If-None-Match': line, Prefer: line, 'Last-Event-ID': line, Accept: line, 'Accept-Language': line },
  { requiredKeys: [] },
);

test(
  'responds to any GET, or refuses it with a code',
  async () => {
    const property = fc.asyncProperty(path, query, asking, async (asked, search, more) => {
      judge(stack, await rawRequest(stack.api.url, requestHead('GET', `${asked}${search}`, more)));
    });
    await fuzz(property, 150);
  },
  FUZZ_TIMEOUT_MS,
);

test(
  'responds to any look-up, or refuses it with a code',
  async () => {
    const digests = fc.oneof(fc.array(fc.oneof(text, fc.constant('0'.repeat(64))), { maxLength: 5 }), member);
    const body = broken(fc.record({ sha256: digests }).map((wanted) => Buffer.from(JSON.stringify(wanted))));
    const property = fc.asyncProperty(body, query, async (bytes, search) => {
      await send(stack, '/v1/images/lookup', { type: 'application/json', query: search, body: bytes });
    });
    await fuzz(property, 60);
  },
  FUZZ_TIMEOUT_MS,
);
