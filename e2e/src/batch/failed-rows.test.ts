import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, request } from '../harness/client.js';
import { gb18030 } from '../harness/gb18030.js';
import { parseCsv, report, reportLines } from './reports.js';
import { accepted, itemsOf, send, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

const COLUMNS = `?columns=${encodeURIComponent('图片链接:url,货号:externalId')}`;

async function submitSheet(sheet: Buffer<ArrayBuffer>): Promise<string> {
  const { id } = accepted(await send(stack, sheet, { type: 'text/csv', query: COLUMNS }));
  await untilFinished(stack, id);
  return id;
}

test('returns the failed rows of a GB18030 sheet in its encoding, and takes them corrected', async () => {
  const { url } = stack.source;
  const good = (n: number) => `${url}/image/a/${n}`;
  const lines = [
    '图片链接,货号,Reason',
    `${good(1)},货-1,甲`,
    `${url}/status/404,货-2,乙`,
    'www.a.cn/1.jpg,货-3,丙',
    `${good(4)} ${url}/status/403,货-4,丁`,
  ];
  const id = await submitSheet(gb18030(`${lines.join('\r\n')}\r\n`));
  const { status, headers, bytes } = await request(stack, `/v1/batches/${id}/failed.csv`, {
    headers: { 'Accept-Language': 'zh' },
  });
  expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=gb18030']);
  const text = new TextDecoder('gb18030', { fatal: true }).decode(bytes);
  const [header, ...failed] = parseCsv(text);
  expect(header).toEqual(['图片链接', '货号', 'Reason', 'row', 'pixdock_reason', 'fix', 'position']);
  expect(failed.map(([, sku, own, row, , , position]) => [sku, own, row, position])).toEqual([
    ['货-2', '乙', '3', '1'],
    ['货-3', '丙', '4', ''],
    ['货-4', '丁', '5', '2'],
  ]);
  expect(failed[0]?.[4]).toContain('404');
  expect(
    failed.every(([, , , , reason, fix]) => /\p{sc=Han}/u.test(`${reason}`) && /\p{sc=Han}/u.test(`${fix}`)),
  ).toBe(true);

  const corrected = text
    .replace(`${url}/status/404`, good(2))
    .replace('www.a.cn/1.jpg', good(3))
    .replace(`${url}/status/403`, good(5));
  const again = await submitSheet(gb18030(corrected));
  const published = await reportLines(stack, again);
  expect(
    published.map(({ externalId, status: one, source, columns }) => [externalId, one, source.url, columns]),
  ).toEqual([
    ['货-2', 'published', good(2), { 图片链接: good(2), 货号: '货-2', Reason: '乙' }],
    ['货-3', 'published', good(3), { 图片链接: good(3), 货号: '货-3', Reason: '丙' }],
    ['货-4', 'published', good(5), { 图片链接: `${good(4)} ${good(5)}`, 货号: '货-4', Reason: '丁' }],
  ]);
  expect((await request(stack, `/v1/batches/${again}/failed.csv`)).bytes.toString('latin1')).toBe(
    gb18030('图片链接,货号,Reason,row,pixdock_reason,fix,position\r\n').toString('latin1'),
  );
});

test('returns the failed rows of a sheet with its delimiter', async () => {
  const { id } = accepted(await send(stack, 'url;price\nnone;1,5\n', { type: 'text/csv' }));
  await untilFinished(stack, id);
  const lines = (await request(stack, `/v1/batches/${id}/failed.csv`)).bytes.toString().split('\r\n');
  expect(lines[0]).toBe('\uFEFFurl;price;row;reason;fix;position');
  expect(lines[1]).toMatch(/^none;"1,5";2;/);
});

test('returns the failed rows of JSON as a sheet, with what they were submitted with', async () => {
  const { url } = stack.source;
  const rows = [
    { url: `${url}/image/a/8`, externalId: 'good' },
    {
      url: `${url}/status/404`,
      externalId: 'a,b',
      profile: 'compact',
      metadata: { shop: '甲', n: '1' },
      deleteAfterSeconds: 86_400,
    },
    { externalId: 'nothing' },
  ];
  const body = rows.map((row) => JSON.stringify(row)).join('\n');
  const { id } = accepted(await send(stack, body, { type: 'application/x-ndjson' }));
  await untilFinished(stack, id);
  const text = (await request(stack, `/v1/batches/${id}/failed.csv`)).bytes.toString();
  const [header, ...failed] = parseCsv(text);
  const own = ['url', 'externalId', 'profile', 'metadata', 'deleteAfterSeconds'];
  expect(header).toEqual([...own, 'row', 'reason', 'fix', 'position']);
  expect(failed.map((cells) => cells.slice(0, 6))).toEqual([
    [`${url}/status/404`, 'a,b', 'compact', '{"shop":"甲","n":"1"}', '86400', '2'],
    ['', 'nothing', 'default', '', '', '3'],
  ]);
  const corrected = text
    .replace('/status/404', '/image/a/9')
    .replace('\n,nothing', `\n${url}/image/a/10,nothing`);
  const again = accepted(await send(stack, corrected, { type: 'text/csv' }));
  await untilFinished(stack, again.id);
  const items = await itemsOf(stack, again.id);
  expect(
    items.map(({ externalId, status, profile, metadata, deleteAt }) => [
      externalId,
      status,
      profile,
      metadata,
      deleteAt !== null,
    ]),
  ).toEqual([
    ['a,b', 'published', 'compact', { shop: '甲', n: '1' }, true],
    ['nothing', 'published', 'default', {}, false],
  ]);
});

test('reports rows by status or code, with the id and the URL of each variant', async () => {
  const { url } = stack.source;
  const sheet = `url,externalId\n${url}/image/a/7,a\n${url}/status/404,b\nnone,c\n`;
  const { id } = accepted(await send(stack, sheet, { type: 'text/csv' }));
  await untilFinished(stack, id);
  const [header = [], ...rows] = parseCsv(await report(stack, id, 'csv'));
  expect(header.slice(2, 9)).toEqual([
    'row',
    'id',
    'pixdock_externalId',
    'status',
    'pixdock_url',
    'thumb.url',
    'code',
  ]);
  const image = await ask<{ url: string; variants: Record<string, { url: string }> }>(
    stack,
    `/v1/images/${rows[0]?.[3]}`,
  );
  expect(rows[0]?.slice(6, 8)).toEqual([image.body.url, image.body.variants.thumb?.url]);
  const linesOf = async (query: string) => {
    const { status, bytes } = await request(stack, `/v1/batches/${id}/report.ndjson?${query}`);
    if (status !== 200) return status;
    const lines = bytes.toString().trimEnd().split('\n');
    return lines.map((line) => (JSON.parse(line) as { externalId: string }).externalId);
  };
  expect(await linesOf('status=published')).toEqual(['a']);
  expect(await linesOf('status=failed')).toEqual(['b', 'c']);
  expect(await linesOf('code=invalid_row')).toEqual(['c']);
  expect(await linesOf('status=failed&code=invalid_row')).toBe(400);
  expect(await linesOf('state=failed')).toBe(400);
  expect((await request(stack, `/v1/batches/${id}/failed.csv?status=failed`)).status).toBe(400);
});
