import { readdir } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { algorithm, scopeOf } from './auth/v4.js';
import { aliClient } from './testing/ali-client.js';
import { form, hour, post } from './testing/form.js';
import { send, toDateTime, xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

test('stores the file of a form with its headers and metadata', async () => {
  const oss = await startTestOss();
  const fields = {
    'Content-Type': 'image/png',
    'Cache-Control': 'no-store',
    'x-oss-meta-name': '照片',
    name: 'a field that OSS ignores',
  };
  const conditions = [
    ['content-length-range', 1, 1024],
    ['in', '$content-type', ['image/png', 'image/jpeg']],
  ];
  const response = await post(oss, { fields, conditions });
  expect([response.status, response.text]).toEqual([204, '']);
  expect(response.headers).toMatchObject({ etag: '"5D41402ABC4B2A76B9719D911017C592"' });
  const got = await send(oss, { path: '/lab-bucket/up/a.png' });
  expect(got.text).toBe('hello');
  expect(got.headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'no-store' });
  expect(Buffer.from(String(got.headers['x-oss-meta-name']), 'latin1').toString()).toBe('照片');
});

test('uses the type of the file part by default and checks it against the policy', async () => {
  const oss = await startTestOss();
  const conditions = [['eq', '$content-type', 'image/gif']];
  expect((await post(oss, { conditions })).status).toBe(204);
  expect((await send(oss, { path: '/lab-bucket/up/a.png' })).headers['content-type']).toBe('image/gif');
  expect((await post(oss, { conditions, fields: { 'x-oss-content-type': 'text/html' } })).status).toBe(403);
});

test.each([
  ['200', 200],
  ['201', 201],
  ['204', 204],
  ['302', 204],
])('responds to success_action_status %s with %d', async (requested, status) => {
  const oss = await startTestOss();
  const conditions = [['eq', '$success_action_status', requested]];
  const response = await post(oss, { conditions, fields: { success_action_status: requested } });
  expect(response.status).toBe(status);
  if (status === 201)
    expect([xmlText(response.text, 'Bucket'), xmlText(response.text, 'Key')]).toEqual([
      'lab-bucket',
      'up/a.png',
    ]);
});

test('replaces ${filename} in the key before it checks the policy', async () => {
  const oss = await startTestOss();
  const only = ['x-oss-signature-version', 'x-oss-credential', 'x-oss-date'];
  const fields = { key: 'up/${filename}' };
  expect((await post(oss, { fields })).status).toBe(403);
  const open = [['starts-with', '$key', 'up/f']];
  expect((await post(oss, { fields, only: [...only, ...open] })).status).toBe(204);
  expect((await send(oss, { path: '/lab-bucket/up/file.gif' })).text).toBe('hello');
});

test('accepts a form that is six days old', async () => {
  expect((await post(await startTestOss(), { clockAheadMs: -6 * 24 * hour })).status).toBe(204);
});

test('requires the token of a temporary key in the form and in its policy', async () => {
  const oss = await startTestOss({ securityToken: 'tok' });
  const token = { 'x-oss-security-token': 'tok' };
  expect((await post(oss, { fields: token, conditions: [token] })).status).toBe(204);
  expect(xmlText((await post(oss, { fields: token })).text, 'Code')).toBe('AccessDenied');
  expect(xmlText((await post(oss, {})).text, 'Code')).toBe('InvalidAccessKeyId');
  const wrong = { 'x-oss-security-token': 'other' };
  expect(xmlText((await post(oss, { fields: wrong, conditions: [wrong] })).text, 'Code')).toBe(
    'InvalidSecurityToken',
  );
});

test('supports forbid-overwrite in forms', async () => {
  const oss = await startTestOss();
  const fields = { 'x-oss-forbid-overwrite': 'true' };
  expect((await post(oss, { fields })).status).toBe(204);
  const second = await post(oss, { fields });
  expect([second.status, xmlText(second.text, 'Code')]).toEqual([409, 'FileAlreadyExists']);
  const versioned = await startTestOss({ versioning: { 'lab-bucket': 'Suspended' } });
  expect((await post(versioned, { fields })).status).toBe(204);
  expect((await post(versioned, { fields })).status).toBe(204);
});

test('accepts a policy signed by ali-oss at the virtual host', async () => {
  const oss = await startTestOss();
  const date = new Date();
  const credential = `${oss.accessKeyId}/${scopeOf(toDateTime(date.getTime()), oss.region)}`;
  const policy = {
    expiration: new Date(Date.now() + hour).toISOString(),
    conditions: [
      { bucket: 'lab-bucket' },
      { 'x-oss-signature-version': algorithm },
      { 'x-oss-credential': credential },
      { 'x-oss-date': toDateTime(date.getTime()) },
    ],
  };
  const data = new FormData();
  data.set('key', 'from-fetch');
  data.set('policy', Buffer.from(JSON.stringify(policy)).toString('base64'));
  data.set('x-oss-signature-version', algorithm);
  data.set('x-oss-credential', credential);
  data.set('x-oss-date', toDateTime(date.getTime()));
  data.set('x-oss-signature', aliClient(oss).signPostObjectPolicyV4(policy, date));
  data.set('file', new Blob(['hello'], { type: 'image/gif' }), 'file.gif');
  const encoded = new Response(data);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  const body = Buffer.from(await encoded.arrayBuffer());
  expect((await send(oss, { method: 'POST', host: 'lab-bucket.localhost', headers, body })).status).toBe(204);
  expect((await send(oss, { path: '/lab-bucket/from-fetch' })).text).toBe('hello');
});

test.each([
  ['a body that is not a form', 'text/plain', 'x', 'RequestIsNotMultiPartContent'],
  ['a form without a boundary', 'multipart/form-data', 'x', 'RequestIsNotMultiPartContent'],
  ['a form without a file', 'multipart/form-data; boundary=b', '--b--\r\n', 'InvalidArgument'],
  ['a broken form', 'multipart/form-data; boundary=b', 'nonsense', 'MalformedPOSTRequest'],
])('rejects %s', async (_name, contentType, body, code) => {
  const headers = { 'content-type': contentType };
  const response = await send(await startTestOss(), { method: 'POST', path: '/lab-bucket/', headers, body });
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, code]);
});

test('rejects a form that ends within its file and stores nothing', async () => {
  const oss = await startTestOss();
  const whole = form(oss, {});
  const body = whole.body.subarray(0, whole.body.indexOf('hello') + 3);
  const headers = { ...whole.headers, 'content-length': String(body.length) };
  const response = await send(oss, { ...whole, headers, body });
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, 'MalformedPOSTRequest']);
  expect((await send(oss, { path: '/lab-bucket/up/a.png' })).status).toBe(404);
});

test('removes the partial upload of a disconnected client', async () => {
  const oss = await startTestOss();
  const { path, headers, body } = form(oss, { file: 'x'.repeat(200_000) });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(oss.port, '127.0.0.1');
  socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n`);
  socket.write(body.subarray(0, 100_000));
  await vi.waitFor(async () => expect(await readdir(join(oss.dataDir, 'tmp'))).toHaveLength(1), 15_000);
  socket.destroy();
  await vi.waitFor(async () => expect(await readdir(join(oss.dataDir, 'tmp'))).toEqual([]), 15_000);
});

test('responds before it has read the file and keeps the connection', async () => {
  const oss = await startTestOss();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const refused = await send(oss, { ...form(oss, { secret: 'guess', file: 'x'.repeat(5_000_000) }), agent });
  expect(refused.status).toBe(403);
  expect((await send(oss, { ...form(oss, {}), agent })).status).toBe(204);
  agent.destroy();
});

test('limits the fields before the file to 8 MiB', async () => {
  const oss = await startTestOss();
  const half = 'x'.repeat(4_000_000);
  expect((await post(oss, { fields: { a: half, b: half } })).status).toBe(204);
  const response = await post(oss, { fields: { a: half, b: half, c: 'x'.repeat(400_000) } });
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, 'InvalidArgument']);
});
