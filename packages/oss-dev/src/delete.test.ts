import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { aliClient } from './testing/ali-client.js';
import { send, signed, xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

test('deletes a bucket only when it is empty', async () => {
  const oss = await startTestOss();
  const on = (method: string, key?: string) =>
    send(oss, signed(oss, { method, ...(key && { key, body: 'x' }) }));
  await on('PUT', 'a');
  const full = await on('DELETE');
  expect([full.status, xmlText(full.text, 'Code')]).toEqual([409, 'BucketNotEmpty']);
  await on('DELETE', 'a');
  expect((await on('DELETE')).status).toBe(204);
  expect(xmlText((await on('DELETE')).text, 'Code')).toBe('NoSuchBucket');
  await on('PUT');
  expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(404);
});

test('lets ali-oss delete many objects with one request', async () => {
  const client = aliClient(await startTestOss());
  const names = ['a/1', `<&>"' 1+2%20.jpg`, 'kept'];
  for (const name of names) await client.put(name, Buffer.from('x'));
  const deletions = [...names.slice(0, 2), 'absent'];
  const { deleted } = await client.deleteMulti(deletions);
  expect(deleted).toEqual(deletions.map((Key) => ({ Key })));
  expect((await client.listV2({}, {})).objects.map(({ name }) => name)).toEqual(['kept']);
  const quiet = await client.deleteMulti(['kept'], { quiet: true });
  expect([quiet.res.status, quiet.deleted]).toEqual([200, []]);
  expect((await client.listV2({}, {})).objects).toEqual([]);
});

test.each([
  ['no digest', () => '<Delete><Object><Key>a</Key></Object></Delete>', {}, 'MissingArgument'],
  ['another digest', () => '<Delete/>', { 'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==' }, 'InvalidDigest'],
  ['no keys', () => '<Delete></Delete>', null, 'MalformedXML'],
  [
    '1001 keys',
    () => `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`,
    null,
    'MalformedXML',
  ],
  ['half a list', () => '<Delete><Object><Key>a</Key></Object>', null, 'MalformedXML'],
  ['more than 2 MiB', () => `<Delete>${' '.repeat(2 ** 21)}</Delete>`, null, 'MalformedXML'],
])('rejects a deletion of many objects with %s', async (_name, list, digest, code) => {
  const oss = await startTestOss();
  await send(oss, signed(oss, { method: 'PUT', key: 'a', body: 'x' }));
  const body = list();
  const headers = digest ?? { 'content-md5': createHash('md5').update(body).digest('base64') };
  const response = await send(oss, signed(oss, { method: 'POST', query: { delete: '' }, headers, body }));
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, code]);
  expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(200);
});
