import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { send, signed, xmlText, xmlTexts } from './testing/http.js';
import { startTestOss, type TestOss } from './testing/test-oss.js';

const xml = (keys: string[], quiet = false) =>
  `<?xml version="1.0"?>\n<Delete><Quiet>${quiet}</Quiet>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`;

test('names what it deleted, unless it is to be quiet', async () => {
  const oss = await startTestOss();
  for (const key of ['a&b', 'c', 'd']) await send(oss, signed(oss, { method: 'PUT', key, body: 'x' }));
  const loud = await remove(oss, xml(['a&amp;b', 'absent']));
  expect(xmlTexts(loud.text, 'Key')).toEqual(['a&#38;b', 'absent']);
  const quiet = await remove(oss, xml(['&#99;'], true));
  expect([quiet.status, xmlTexts(quiet.text, 'Key')]).toEqual([200, []]);
  const left = await send(oss, signed(oss, {}));
  expect(xmlTexts(left.text, 'Key')).toEqual(['d']);
});

test.each([
  ['no XML', 'nonsense'],
  ['nothing to delete', xml([])],
  ['an empty key', xml([''])],
  ['a tag that is not closed', '<Delete><Object><Key>a</Key></Object>'],
  ['more than a thousand', xml(Array.from({ length: 1001 }, (_, n) => `k${n}`))],
])('%s is malformed', async (_name, body) => {
  const answer = await remove(await startTestOss(), body);
  expect([answer.status, xmlText(answer.text, 'Code')]).toEqual([400, 'MalformedXML']);
});

test('a digest that is not the body’s deletes nothing', async () => {
  const oss = await startTestOss();
  await send(oss, signed(oss, { method: 'PUT', key: 'a', body: 'x' }));
  const wrong = createHash('md5').update('other').digest('base64');
  expect((await remove(oss, xml(['a']), { 'content-md5': wrong })).status).toBe(400);
  expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(200);
});

test('a body without end is not read to it', async () => {
  const answer = await remove(await startTestOss(), ' '.repeat(9_000_000) + xml(['a']));
  expect([answer.status, xmlText(answer.text, 'Code')]).toEqual([400, 'EntityTooLarge']);
});

test('versions are more than it knows', async () => {
  const body = '<Delete><Object><Key>a</Key><VersionId>1</VersionId></Object></Delete>';
  expect((await remove(await startTestOss(), body)).status).toBe(501);
});

function remove(oss: TestOss, body: string, headers: Record<string, string> = {}) {
  return send(oss, signed(oss, { method: 'POST', query: { delete: '' }, body, headers }));
}
