import { expect, test } from 'vitest';
import { readSheet } from './read-sheet.js';

test('reads UTF-8 with a byte order mark, and keeps the bytes of the preview', async () => {
  const text = `\ufeff编号,url\n${Array.from({ length: 60 }, (_, i) => `行${i},https://a.example/${i}.jpg\n`).join('')}`;
  const sheet = await readSheet(new File([text], 'rows.csv'));
  expect([sheet.encoding, sheet.headers, sheet.rows.length]).toEqual(['UTF-8', ['编号', 'url'], 50]);
  expect([sheet.rows[49], sheet.rowNumbers[49]]).toEqual([['行49', 'https://a.example/49.jpg'], 51]);
  expect(await sheet.head.text()).toMatch(/\/49\.jpg\n$/);
});

test('reads GB18030', async () => {
  const bytes = Uint8Array.from([0xbb, 0xf5, 0xba, 0xc5, 0x0a, 0x31, 0x0a]);
  const { encoding, headers } = await readSheet(new File([bytes], 'rows.csv'));
  expect([encoding, headers]).toEqual(['GB18030', ['货号']]);
});
