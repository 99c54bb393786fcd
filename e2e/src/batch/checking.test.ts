import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../harness/client.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { stagedBatches } from './expect-whole.js';
import type { Body } from './requests.js';
import { tiny } from './stack.js';
import { zipOf } from './zip.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly({ SOURCE_ALLOW: 'images.example:443' });
});
afterAll(() => stack.stop());

interface Checked {
  valid: number;
  invalid: number;
  faults: object[];
  warnings?: { code: string; detail: string }[];
}

async function check(body: Body, type: string, query = ''): Promise<Checked> {
  const headers = { 'Content-Type': type, 'Accept-Language': 'en' };
  const response = await ask<Checked>(stack, `/v1/batches?dryRun=true${query}`, {
    method: 'POST',
    body,
    headers,
  });
  expect(response.status).toBe(200);
  return response.body;
}

test('names column, externalId and URL of each fault, and up to 1000 faults', async () => {
  const rows = Array.from({ length: 1100 }, (_, i) => `www.a.cn/${i}.jpg,货-${i}`);
  const query = `&columns=${encodeURIComponent('图片链接:url,货号:externalId')}`;
  const { valid, invalid, faults } = await check(`图片链接,货号\n${rows.join('\n')}\n`, 'text/csv', query);
  expect([valid, invalid, faults.length]).toEqual([0, 1100, 1000]);
  expect(faults[1]).toEqual({
    row: 3,
    field: 'url',
    column: '图片链接',
    externalId: '货-1',
    url: 'www.a.cn/1.jpg',
    code: 'invalid_row',
    detail: 'Row 3: column "图片链接" is not an absolute URL: "www.a.cn/1.jpg".',
  });
});

test('warns of rows that are valid and look wrong, in a dry run only', async () => {
  const url = 'https://images.example/1.jpg';
  const sheet = `url,externalId\n${url},6.90123E+12\n${url},b\nhttps：／／images．example/2.jpg,b\n`;
  const { valid, warnings = [] } = await check(sheet, 'text/csv');
  expect(valid).toBe(2);
  expect(warnings.map(({ code, detail }) => [code, detail])).toEqual([
    ['shortened_number', expect.stringContaining('"6.90123E+12"')],
    ['repeated_url', `Row 3 has the URL of row 2: ${url}`],
    ['full_width_url', expect.stringContaining('https://images.example/2.jpg')],
  ]);
  const headers = { 'Content-Type': 'text/csv' };
  const created = await ask<Checked>(stack, '/v1/batches', { method: 'POST', body: sheet, headers });
  expect(created.body.warnings).toBeUndefined();
});

test('opens the entries of an archive, and creates nothing', async () => {
  const before = await stagedBatches(stack);
  const archive = zipOf({
    'a.jpg': await tiny(20),
    'b.jpg': Buffer.from('<html>no picture</html>'),
    'notes.txt': Buffer.from('text'),
  });
  const { valid, faults } = await check(archive, 'application/zip');
  expect(valid).toBe(1);
  expect(faults).toMatchObject([
    {
      row: 2,
      code: 'unsupported_media_type',
      externalId: 'b.jpg',
      detail: 'Entry 2 ("b.jpg") is not an image.',
    },
    { row: 3, code: 'unsupported_media_type', externalId: 'notes.txt' },
  ]);
  const damaged = Buffer.from(archive);
  // The first byte of the compressed data of the first entry.
  damaged.fill(0xff, 30 + 'a.jpg'.length, 30 + 'a.jpg'.length + 40);
  expect((await check(damaged, 'application/zip')).faults[0]).toMatchObject({ row: 1 });
  expect(await stagedBatches(stack)).toEqual(before);
});
