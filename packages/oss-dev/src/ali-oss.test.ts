import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { aliClient, type Style } from './testing/ali-client.js';
import { send } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

const key = "img/ab/测试 1+2 (a)'!*~.webp";
const body = Buffer.from('123456789');
const cnames = { 'img.example.com': 'lab-bucket' };

test.each<Style>(['path', 'virtual', 'cname'])(
  'supports put, read, list and delete by ali-oss in %s style',
  async (style) => {
    const client = aliClient(await startTestOss({ cnames }), style);
    const put = await client.put(key, body, {
      mime: 'image/webp',
      meta: { id: 'img_1', row: '7' },
      headers: { 'Cache-Control': 'public, max-age=31536000, immutable', 'x-oss-forbid-overwrite': 'true' },
    } as object);
    expect(put.res.headers).toMatchObject({
      etag: '"25F9E794323B453885F5181F1B624D0B"',
      'x-oss-hash-crc64ecma': '11051210869376104954',
      server: 'AliyunOSS',
      'x-oss-request-id': expect.stringMatching(/^[0-9A-F]{24}$/),
    });

    const head = await client.head(key);
    expect(head.meta).toEqual({ id: 'img_1', row: '7' });
    expect(head.res.headers).toMatchObject({
      'content-type': 'image/webp',
      'content-length': '9',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-md5': createHash('md5').update(body).digest('base64'),
    });
    expect((await client.get(key)).content).toEqual(body);

    const list = await client.listV2({ prefix: 'img/', 'max-keys': 10 }, {});
    expect(list.objects.map(({ name, size, etag }) => ({ name, size, etag }))).toEqual([
      { name: key, size: 9, etag: '"25F9E794323B453885F5181F1B624D0B"' },
    ]);
    expect((await client.delete(key)).res.status).toBe(204);
    expect((await client.delete(key)).res.status).toBe(204);
    await expect(client.head(key)).rejects.toMatchObject({ status: 404, code: 'NoSuchKey' });
    await expect(client.get(key)).rejects.toMatchObject({
      status: 404,
      code: 'NoSuchKey',
      ecCode: '0026-00000001',
    });
  },
);

test('lets ali-oss page through ListObjectsV2 by token', async () => {
  const client = aliClient(await startTestOss());
  for (const name of ['a/1', 'a/2', 'b', 'c/1', 'd']) await client.put(name, body);
  const listed: string[] = [];
  let token: string | undefined;
  do {
    const query = { 'max-keys': '2', delimiter: '/', ...(token && { 'continuation-token': token }) };
    const page = await client.listV2(query, {});
    listed.push(...(page.objects ?? []).map(({ name }) => name), ...(page.prefixes ?? []));
    token = page.nextContinuationToken;
  } while (token);
  expect(listed).toEqual(['b', 'a/', 'd', 'c/']);
});

test.each<Style>(['path', 'virtual', 'cname'])(
  'accepts a URL presigned by ali-oss in %s style',
  async (style) => {
    const oss = await startTestOss({ cnames, publicPrefixes: [] });
    const client = aliClient(oss, style);
    const headers = { 'content-type': 'image/webp' };
    const put = new URL(await client.signatureUrlV4('PUT', 60, { headers }, key));
    const request = { method: 'PUT', host: put.host, path: put.pathname + put.search, body };
    expect(await send(oss, { ...request, headers })).toMatchObject({ status: 200 });
    expect(await send(oss, { ...request, headers: { 'content-type': 'image/png' } })).toMatchObject({
      status: 403,
    });

    const get = new URL(await client.signatureUrlV4('GET', 60, {}, key));
    const got = await send(oss, { host: get.host, path: get.pathname + get.search });
    expect(got).toMatchObject({ status: 200, body });
    expect(got.headers['content-type']).toBe('image/webp');
  },
);

test('rejects V1 signatures, the default of ali-oss', async () => {
  const oss = await startTestOss();
  const client = aliClient(oss, 'path', { authorizationV4: false });
  await expect(client.put(key, body)).rejects.toMatchObject({ status: 403, ecCode: '0002-00000080' });
  const expiration = new Date(Date.now() + 60_000).toISOString();
  const signature = client.calculatePostSignature({ expiration, conditions: [{ bucket: 'lab-bucket' }] });
  const form = new FormData();
  for (const [name, value] of Object.entries({ key: 'a', ...signature })) form.set(name, value);
  form.set('file', new Blob(['x']));
  const response = await fetch(`${oss.endpoint}/lab-bucket/`, { method: 'POST', body: form });
  expect([response.status, response.headers.get('x-oss-ec')]).toEqual([403, '0002-00000080']);
});

test('lists with empty parameters, which ali-oss signs in its own way', async () => {
  const client = aliClient(await startTestOss());
  for (const name of ['a', 'b', 'c']) await client.put(name, body);
  const { objects } = await client.listV2({ prefix: '', 'max-keys': 2 }, {});
  expect(objects.map(({ name }) => name)).toEqual(['a', 'b']);
  const wrong = aliClient({ ...(await startTestOss()), accessKeySecret: 'guess' });
  await expect(wrong.listV2({ prefix: '', 'max-keys': 2 }, {})).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
  });
});

test('creates buckets and describes them to ali-oss', async () => {
  const oss = await startTestOss();
  const client = aliClient(oss);
  expect((await client.putBucket('new-bucket')).res.status).toBe(200);
  expect((await client.putBucket('new-bucket')).res.status).toBe(200);
  const { bucket } = await client.getBucketInfo('new-bucket');
  expect(bucket).toMatchObject({ Name: 'new-bucket', Location: 'oss-cn-hangzhou' });
  await expect(client.getBucketInfo('no-such-bucket')).rejects.toMatchObject({
    status: 404,
    code: 'NoSuchBucket',
  });
});

test('accepts a chunked body streamed by ali-oss', async () => {
  const { Readable } = await import('node:stream');
  const client = aliClient(await startTestOss());
  const stream = Readable.from([Buffer.from('1234'), Buffer.from('56789')]);
  const put = await client.putStream('chunked.bin', stream);
  expect(put.res.headers).toMatchObject({ 'x-oss-hash-crc64ecma': '11051210869376104954' });
});
