import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { addedColumns, csvReport } from './csv-report.js';
import type { ReportRow } from './rows.js';

const row = (cells: string[], externalId: string | null = null): ReportRow => ({
  id: 'img_1',
  row: 1,
  cells,
  externalId,
  status: 'published',
  url: 'https://oss/main.jpg',
  variants: { main: { url: 'https://oss/main.jpg' }, thumb: { url: 'https://oss/thumb.webp' } },
  code: null,
  reason: null,
  faultColumn: null,
  fix: null,
  aiLabel: 'maybe',
  reusedId: null,
  position: 2,
  source: { url: 'https://a.cn/1.jpg' },
  submitted: { profile: 'default', metadata: {}, deleteAfterSeconds: null },
});

async function write(columns: string[], rows: ReportRow[]): Promise<string> {
  async function* pages() {
    yield rows;
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of csvReport(columns, addedColumns(columns, ['thumb']), pages())) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Reads rows that end at any line break. */
const read = (text: string): string[][] => parse(text, { bom: true, record_delimiter: ['\r\n', '\n', '\r'] });

it('begins with a byte order mark, ends lines with CRLF, and names the columns', async () => {
  expect(await write(['链接'], [row(['x'], 'sku')])).toBe(
    '\uFEFF链接,row,id,externalId,status,url,thumb.url,code,reason,aiLabel,reusedId,position,source.url\r\nx,1,img_1,sku,published,https://oss/main.jpg,https://oss/thumb.webp,,,maybe,,2,https://a.cn/1.jpg\r\n',
  );
});

it.each(['含\n换行', 'a\rb', 'a\r\nb', 'a,b', '引"号', 'a;b\tc'])('keeps %j one cell', async (cell) => {
  const [header, line, ...others] = read(await write([cell], [row([cell], cell)]));
  expect([header?.[0], line?.[0], line?.[3]]).toEqual([cell, cell, cell]);
  expect(others).toEqual([]);
});

it.each([
  ['=1+1', "'=1+1"],
  ['  =x', "'  =x"],
  ['\n=2', "'\n'=2"],
  ['x;=1+1', "x;'=1+1"],
  ['\tx', "'\tx"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1', "'＝1"],
  ['+86 138', "'+86 138"],
  ['-5', '-5'],
  ['+1,234.50', '+1,234.50'],
  ['a=1', 'a=1'],
])('does not let %j be a formula', async (cell, written) => {
  const [, line] = read(await write([cell], [row([cell], cell)]));
  expect([line?.[0], line?.[3]]).toEqual([written, written]);
});
