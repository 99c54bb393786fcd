import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
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
    const object = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(object.toString()).toContain('{"Label":"2","ProduceID":"a-1"}');
  }
  const labelled = await ask<{ items: Image[] }>(stack, '/v1/images?aiLabel=any&status=published');
  expect(labelled.body.items).toEqual([image]);
  const others = await ask<{ items: Image[] }>(stack, '/v1/images?aiLabel=ai');
  expect(others.body.items).toEqual([]);
});

const BROKEN = jpegLike(5000);
const wait = { Prefer: 'wait=9999' };

test('returns 201 for a POST with Prefer: wait once published, and the same for its repeat', async () => {
  const headers = { ...wait, 'Idempotency-Key': 'good' };
  const first = await upload(stack, picture, { headers });
  expect(first.status).toBe(201);
  expect(first.body).toMatchObject({ status: 'published', error: null });
  expect(first.headers.get('preference-applied')).toBe('wait=60');
  expect(first.headers.get('retry-after')).toBeNull();
  const repeat = await upload(stack, picture, { headers: { 'Idempotency-Key': '"good"' } });
  expect([repeat.status, repeat.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  expect(repeat.body).toEqual(first.body);
  const read = await ask(stack, `/v1/images/${first.body.id}`);
  expect(read.headers.get('retry-after')).toBeNull();
  expect(read.headers.get('etag')).toBe(`"${first.body.version}"`);
});

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

test('returns a failed image as 200 in the preferred language, and waits until it is final', async () => {
  const { id } = (await upload(stack, BROKEN)).body;
  const { status, body } = await ask(stack, `/v1/images/${id}`, { headers: { Prefer: 'wait=30' } });
  expect([status, body.status]).toEqual([200, 'failed']);
  const chinese = await ask(stack, `/v1/images/${id}`, { headers: { 'Accept-Language': 'zh' } });
  expect(chinese.body.error?.title).toMatch(/\p{Script=Han}/u);
  expect(JSON.stringify(body)).not.toMatch(/vips|sharp|\/tmp|at .*\.js/i);
});

test('returns 202 for a retry of a failed image, 409 without a source or a failure', async () => {
  const failed = await uploadAndWait(stack, BROKEN);
  const again = await ask(stack, `/v1/images/${failed.id}/retry`, { method: 'POST' });
  expect([again.status, again.body.run, again.body.status]).toEqual([202, 2, 'queued']);
  expect(again.headers.get('location')).toBe(`/v1/images/${failed.id}`);
  const second = await ask(stack, `/v1/images/${failed.id}`, { headers: { Prefer: 'wait=30' } });
  expect([second.body.status, second.body.run]).toEqual(['failed', 2]);
  const waited = await ask<{ image: Image }>(stack, `/v1/images/${failed.id}/retry?wait=30`, {
    method: 'POST',
  });
  expect([waited.status, waited.body.image.run, waited.body.image.status]).toEqual([422, 3, 'failed']);
  expect(waited.headers.get('preference-applied')).toBe('wait=30');
  await rm(join(stagingLayout(stack.dataDir).source(failed.id)));
  const lost = await ask(stack, `/v1/images/${failed.id}/retry`, { method: 'POST' });
  expect([lost.status, lost.body.code]).toEqual([409, 'source_lost']);
  const published = await uploadAndWait(stack, picture);
  const refused = await ask(stack, `/v1/images/${published.id}/retry`, { method: 'POST' });
  expect([refused.status, refused.body.code]).toEqual([409, 'not_retryable']);
  expect(refused.body).toMatchObject({ detail: 'The image is published and has not failed.' });
});

test('shows a deleted image, also to waiting requests, and repeats DELETE as 202', async () => {
  const { id } = await uploadAndWait(stack, picture);
  expect((await ask(stack, `/v1/images/${id}`, { method: 'DELETE' })).status).toBe(202);
  const { body } = await ask(stack, `/v1/images/${id}`, { headers: { Prefer: 'wait=30' } });
  expect(body).toMatchObject({ status: 'deleted', url: null, variants: {} });
  const again = await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
  expect([again.status, again.body.status]).toEqual([202, 'deleted']);
  const list = await ask<{ items: Image[] }>(stack, '/v1/images?status=deleted');
  expect(list.body.items.map((image) => image.id)).toContain(id);
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
