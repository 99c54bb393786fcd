import { expect, test } from 'vitest';
import { aliClient } from './testing/ali-client.js';
import { send, signed, xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

test('copies an object with its headers, and leaves the source', async () => {
  const oss = await startTestOss();
  const client = aliClient(oss);
  await client.put('up/一.png', Buffer.from('1234'), { mime: 'image/png', meta: { id: '7' } } as never);
  await client.copy('a/b.png', 'up/一.png');
  const head = await client.head('a/b.png');
  expect(head.res.headers).toMatchObject({
    'content-length': '4',
    'content-type': 'image/png',
    'x-oss-meta-id': '7',
  });
  for (const key of ['a/b.png', 'up/一.png'])
    expect((await client.get(key)).content).toEqual(Buffer.from('1234'));
});

test.each([
  [{ 'x-oss-copy-source': '/lab-bucket/missing' }, 404, 'NoSuchKey'],
  [{ 'x-oss-copy-source': '/lab-bucket/a', 'x-oss-forbid-overwrite': 'true' }, 409, 'FileAlreadyExists'],
  [{ 'x-oss-copy-source': '/other-bucket/a' }, 501, 'NotImplemented'],
])('refuses %o', async (headers, status, code) => {
  const oss = await startTestOss();
  for (const key of ['a', 'b']) await send(oss, signed(oss, { method: 'PUT', key, body: key }));
  const response = await send(oss, signed(oss, { method: 'PUT', key: 'b', headers }));
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([status, code]);
  expect((await send(oss, { path: '/lab-bucket/b' })).text).toBe('b');
});
