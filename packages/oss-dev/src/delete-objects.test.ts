import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { send, signed, xmlText, xmlTexts } from './testing/http.js';
import { startTestOss, type TestOss } from './testing/test-oss.js';

const xml = (keys: string[], quiet = false) =>
  `<?xml version="1.0"?>\n<Delete><Quiet>${quiet}</Quiet>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`;

test('lists the deleted keys unless the request is quiet', async () => {
  const oss = await startTestOss();
  for (const key of ['a&b', 'c', 'd']) await send(oss, signed(oss, { method: 'PUT', key, body: 'x' }));
  const loud = await remove(oss, xml(['a&amp;b', 'absent']));
  expect(xmlTexts(loud.text, 'Key')).toEqual(['a&#38;b', 'absent']);
  const quiet = await remove(oss, xml(['&#99;'], true));
  expect([quiet.status, xmlTexts(quiet.text, 'Key')]).toEqual([200, []]);
  const remaining = await send(oss, signed(oss, {}));
  expect(xmlTexts(remaining.text, 'Key')).toEqual(['d']);
});

test.each([
  ['text that is not XML', 'nonsense'],
  ['an empty list', xml([])],
  ['an empty key', xml([''])],
  ['an unclosed tag', '<Delete><Object><Key>a</Key></Object>'],
  ['more than 1000 keys', xml(Array.from({ length: 1001 }, (_, n) => `k${n}`))],
])('rejects %s', async (_name, body) => {
  const response = await remove(await startTestOss(), body);
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, 'MalformedXML']);
});

test('deletes nothing when the digest does not match', async () => {
  const oss = await startTestOss();
  await send(oss, signed(oss, { method: 'PUT', key: 'a', body: 'x' }));
  const wrong = createHash('md5').update('other').digest('base64');
  expect((await remove(oss, xml(['a']), { 'content-md5': wrong })).status).toBe(400);
  expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(200);
});

test('stops reading a body that is too large', async () => {
  const response = await remove(await startTestOss(), ' '.repeat(9_000_000) + xml(['a']));
  expect([response.status, xmlText(response.text, 'Code')]).toEqual([400, 'EntityTooLarge']);
});

test('responds to the deletion of a version with 501', async () => {
  const body = '<Delete><Object><Key>a</Key><VersionId>1</VersionId></Object></Delete>';
  expect((await remove(await startTestOss(), body)).status).toBe(501);
});

function remove(oss: TestOss, body: string, headers: Record<string, string> = {}) {
  return send(oss, signed(oss, { method: 'POST', query: { delete: '' }, body, headers }));
}
