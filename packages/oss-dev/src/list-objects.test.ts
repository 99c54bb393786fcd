import { beforeEach, expect, test } from 'vitest';
import { send, signed, type TestResponse, xmlText, xmlTexts } from './testing/http.js';
import { startTestOss, type TestOss } from './testing/test-oss.js';

let oss: TestOss;

beforeEach(async () => {
  oss = await startTestOss();
});

test('lists 100 keys by default and at most 1000', async () => {
  await putAll(Array.from({ length: 101 }, (_, n) => `k${String(n).padStart(3, '0')}`));
  expect(xmlTexts((await list({})).text, 'Key')).toHaveLength(100);
  expect(xmlTexts((await list({ 'max-keys': '1000' })).text, 'Key')).toHaveLength(101);
  for (const maxKeys of ['0', '1001', '-1', '1.5', 'x']) {
    const response = await list({ 'max-keys': maxKeys });
    expect([response.status, xmlText(response.text, 'ArgumentName')]).toEqual([400, 'max-keys']);
  }
});

test('starts after a key, counts, and prefers the token over start-after', async () => {
  await putAll(['a', 'b/1', 'b/2', 'c', 'd']);
  const query = { 'start-after': 'a', delimiter: '/', 'max-keys': '2' };
  const first = await list(query);
  expect(xmlTexts(first.text, 'Key')).toEqual(['c']);
  expect(xmlTexts(first.text, 'CommonPrefixes')).toEqual(['<Prefix>b/</Prefix>']);
  expect(xmlText(first.text, 'KeyCount')).toBe('2');
  const token = xmlText(first.text, 'NextContinuationToken') ?? '';
  const second = await list({ ...query, 'continuation-token': token });
  expect(xmlTexts(second.text, 'Key')).toEqual(['d']);
  expect(xmlText(second.text, 'NextContinuationToken')).toBeUndefined();
  expect((await list({ 'continuation-token': '!' })).status).toBe(400);
  expect((await list({ 'list-type': '3' })).status).toBe(400);
});

test('escapes names for XML, or URL-encodes them on request', async () => {
  await putAll(['<&>/测 试.jpg', 'z']);
  const plain = await list({ delimiter: '/' });
  expect(xmlTexts(plain.text, 'Prefix')).toContain('&#60;&#38;&#62;/');
  const query = { 'encoding-type': 'url', delimiter: '/', prefix: '<&>/', 'start-after': '<' };
  const encoded = await list(query);
  expect(xmlText(encoded.text, 'EncodingType')).toBe('url');
  expect(xmlTexts(encoded.text, 'Key')).toEqual(['%3C%26%3E%2F%E6%B5%8B%20%E8%AF%95.jpg']);
  expect(xmlText(encoded.text, 'Prefix')).toBe('%3C%26%3E%2F');
  expect(xmlText(encoded.text, 'StartAfter')).toBe('%3C');
  expect(xmlText(encoded.text, 'Delimiter')).toBe('%2F');
  expect((await list({ 'encoding-type': 'base64' })).status).toBe(400);
});

test('lists ETag, size, type and time of an object', async () => {
  await putAll(['a']);
  const { text } = await list({});
  expect(xmlText(text, 'ETag')).toBe('"9DD4E461268C8034F5C8564E155C67A6"');
  expect([xmlText(text, 'Size'), xmlText(text, 'Type'), xmlText(text, 'StorageClass')]).toEqual([
    '1',
    'Normal',
    'Standard',
  ]);
  expect(Date.now() - Date.parse(xmlText(text, 'LastModified') ?? '')).toBeLessThan(10_000);
});

async function putAll(keys: string[]): Promise<void> {
  const responses = await Promise.all(
    keys.map((key) => send(oss, signed(oss, { method: 'PUT', key, body: 'x' }))),
  );
  expect(responses.every(({ status }) => status === 200)).toBe(true);
}

function list(query: Record<string, string>): Promise<TestResponse> {
  return send(oss, signed(oss, { query: { 'list-type': '2', ...query } }));
}
