import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, untilServed, upload, uploadAndWait } from '../harness/client.js';
import { picture as drawing, photo } from '../harness/pictures.js';
import { openRaw, requestHead } from '../harness/raw-http.js';
import { type Stack, startStack } from '../harness/stack.js';
import { jpegLike } from './support.js';

let stack: Stack;
let picture: Buffer;
beforeAll(async () => {
  [stack, picture] = await Promise.all([startStack(), photo(320, 240)]);
});
afterAll(() => stack.stop());

const LABEL = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<r:Description T:AIGC="{&quot;Label&quot;:&quot;2&quot;,&quot;ProduceID&quot;:&quot;a-1&quot;}"
xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/"/></r:RDF></x:xmpmeta>`;

test('publishes the label of AI-generated content with every variant, and lists images by it', async () => {
  const source = await drawing(16, 12).withXmp(LABEL).jpeg().toBuffer();
  const image = await uploadAndWait(stack, source);
  expect(image.receipt?.aiLabel).toMatchObject({ label: 'maybe', written: true });
  for (const { url } of Object.values(image.variants)) {
    const object = Buffer.from(await (await fetch(url ?? '')).arrayBuffer());
    expect(object.toString()).toContain('{"Label":"2","ProduceID":"a-1"}');
  }
  const labelled = await ask<{ items: Image[] }>(stack, '/v1/images?aiLabel=any&status=published');
  expect(labelled.body.items).toEqual([image]);
  const others = await ask<{ items: Image[] }>(stack, '/v1/images?aiLabel=ai');
  expect(others.body.items).toEqual([]);
});

const BROKEN = jpegLike(5000);
const wait = { Prefer: 'wait=9999' };

test('returns 422 with the image for a POST with Prefer: wait that failed, and the same for its repeat', async () => {
  const headers = { ...wait, 'Idempotency-Key': 'bad', 'Accept-Language': 'zh-CN' };
  const first = await upload(stack, BROKEN, { headers });
  expect(first.status).toBe(422);
  expect(first.headers.get('content-type')).toBe('application/problem+json');
  expect(first.headers.get('content-language')).toBe('zh');
  expect(first.body).toMatchObject({
    status: 422,
    code: expect.stringMatching(/^image_/),
    image: { status: 'failed', error: { code: first.body.code } },
  });
  expect(first.headers.get('location')).toBe(`/v1/images/${first.body.image?.id}`);
  const repeat = async () => {
    const again = { 'Idempotency-Key': 'bad', 'Accept-Language': 'en' };
    const response = await untilServed(() => upload(stack, BROKEN, { headers: again }));
    expect([response.status, response.headers.get('idempotency-replayed')]).toEqual([422, 'true']);
    expect(response.body).toEqual(first.body);
    return response.headers.get('content-language');
  };
  expect(await repeat()).toBe('zh');
});

test('never publishes an image whose Content-Length was wrong', async () => {
  const connection = await openRaw(stack.api.url);
  await connection.send(requestHead('POST', '/v1/images', { 'Content-Length': '2000', ...wait }), picture);
  const response = await connection.response({ seconds: 20 });
  connection.socket.destroy();
  expect([response?.status, JSON.parse(response?.body ?? '{}').code]).toEqual([422, 'image_truncated']);
});

test('returns each change to a wait with If-None-Match, and responds to a stale tag at once', async () => {
  const { id, version } = (await upload(stack, picture)).body;
  const seen = [version];
  for (let etag = version; ; ) {
    const headers = { Prefer: 'wait=30', 'If-None-Match': `"${etag}"` };
    const { status, body } = await ask(stack, `/v1/images/${id}`, { headers });
    expect(status).toBe(200);
    expect(body.version).toBeGreaterThan(etag);
    etag = body.version;
    seen.push(etag);
    if (body.status === 'published') break;
  }
  expect(seen.length).toBeGreaterThanOrEqual(2);
});
