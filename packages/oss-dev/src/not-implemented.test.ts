import { expect, test } from 'vitest';
import { type Signing, send, signed, xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

const onObject = [
  'acl',
  'objectMeta',
  'tagging',
  'uploads',
  'uploadId',
  'symlink',
  'restore',
  'append',
  'img',
  'versionId',
  'x',
];
const onBucket = [
  'acl',
  'versioning',
  'lifecycle',
  'cors',
  'website',
  'uploads',
  'versions',
  'stat',
  'policy',
  'location',
  'x',
];
const methods = ['GET', 'PUT', 'DELETE', 'HEAD'];

const requests: Signing[] = [
  ...methods.flatMap((method) => onObject.map((name) => ({ method, key: 'a', query: { [name]: '' } }))),
  ...methods.flatMap((method) => onBucket.map((name) => ({ method, query: { [name]: '' } }))),
  { method: 'GET', key: 'a', query: { 'x-oss-process': 'image/resize,w_100' } },
  { method: 'GET', key: 'a', query: { 'response-content-type': 'text/html' } },
  { method: 'GET', query: { 'list-type': '2', marker: 'a' } },
  { method: 'POST', key: 'a', query: { uploads: '' } },
  { method: 'POST', key: 'a' },
  { method: 'GET' },
  { method: 'PATCH', key: 'a' },
  { method: 'OPTIONS', key: 'a' },
  { method: 'HEAD' },
  { method: 'GET', bucket: '' },
  ...[
    'x-oss-copy-source',
    'x-oss-copy-source-if-match',
    'x-oss-object-acl',
    'x-oss-storage-class',
    'x-oss-tagging',
    'x-oss-callback',
    'x-oss-server-side-encryption',
    'x-oss-traffic-limit',
  ].map((name) => ({ method: 'PUT', key: 'b', body: 'x', headers: { [name]: 'x' } })),
];

test('responds to unsupported requests with 501 and changes nothing', async () => {
  const oss = await startTestOss();
  await send(oss, signed(oss, { method: 'PUT', key: 'a', body: 'x' }));
  for (const request of requests) {
    const response = await send(oss, signed(oss, request));
    expect([request, response.status]).toEqual([request, 501]);
    if (request.method !== 'HEAD') expect(xmlText(response.text, 'Code')).toBe('NotImplemented');
  }
  expect((await send(oss, { path: '/lab-bucket/a?x-oss-process=image/info' })).status).toBe(501);
  expect((await send(oss, { path: '/lab-bucket/a' })).text).toBe('x');
  expect((await send(oss, { path: '/lab-bucket/b' })).status).toBe(404);
});

test('responds to supported requests with 200', async () => {
  const oss = await startTestOss();
  for (const request of [{ query: { bucketInfo: '' } }, { query: { 'list-type': '2' } }]) {
    expect((await send(oss, signed(oss, request))).status).toBe(200);
  }
});

test.each(['ab', 'UPPER', '-a-', 'a_b', 'a'.repeat(64)])('rejects the bucket name %s', async (bucket) => {
  const oss = await startTestOss();
  const response = await send(oss, signed(oss, { method: 'PUT', bucket, body: '' }));
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, 'InvalidBucketName']);
});
