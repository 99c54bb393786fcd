import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until } from '../harness/client.js';
import { gb18030 } from '../harness/gb18030.js';
import { expectWhole } from './expect-whole.js';
import { report, reportLines } from './reports.js';
import { accepted, itemsOf, ndjson, readBatch, send, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack, tiny } from './stack.js';
import { zipOf } from './zip.js';

let stack: BatchStack;
const made: string[] = [];
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

/** The outcome of each row: its number, then `published` or the error code. */
async function outcomes(sent: ReturnType<typeof send>): Promise<(string | number)[][]> {
  const { id } = accepted(await sent);
  made.push(id);
  await untilFinished(stack, id);
  const items = await itemsOf(stack, id);
  return items.map(({ row, status, error }) => [row ?? 0, error?.code ?? status]);
}

const at = (path: string) => `${stack.source.url}${path}`;

test('accepts JSON', async () => {
  const items = [
    { url: at('/image/a/json'), externalId: 'sku 1', metadata: { album: '7' } },
    { url: at('/status/404') },
    { url: 'ftp://a.example/b.jpg' },
    { url: at('/image/a/json-avatar'), profile: 'avatar', colour: 'red' },
    7,
  ];
  const body = JSON.stringify({ items });
  expect(await outcomes(send(stack, body, { type: 'application/json' }))).toEqual([
    [1, 'published'],
    [2, 'source_not_found'],
    [3, 'invalid_row'],
    [4, 'invalid_row'],
    [5, 'invalid_row'],
  ]);
  const [first] = await itemsOf(stack, made.at(-1) ?? '');
  expect(first).toMatchObject({ externalId: 'sku 1', metadata: { album: '7' }, source: { kind: 'url' } });
});

test('accepts NDJSON with an invalid line, another profile and no final line end', async () => {
  const lines = [
    { url: at('/image/a/ndjson-1') },
    '{"url": "http',
    { url: at('/image/b/ndjson-2'), profile: 'avatar' },
    { url: at('/image/b/ndjson-3'), profile: 'no-such' },
  ];
  const body = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\r\n');
  expect(await outcomes(send(stack, body))).toEqual([
    [1, 'published'],
    [2, 'invalid_row'],
    [3, 'published'],
    [4, 'invalid_row'],
  ]);
  const items = await itemsOf(stack, made.at(-1) ?? '');
  expect(items.map(({ profile }) => profile)).toEqual(['default', 'default', 'avatar', 'default']);
});

test('accepts CSV of a Chinese Excel, and reports without executable formulas', async () => {
  const [one, two, three, four] = ['/image/a/csv1', '/image/a/csv2', '/image/b/csv3', '/image/a/csv4'].map(
    at,
  );
  const text = [
    '编号,主图链接,备注',
    `货号１,${one},普通`,
    `=1+1,${at('/status/410')},"@SUM(""A1"")"`,
    'SKU-3,不是网址,-2+3',
    `x;=1+1,"${two} ${three}",两张`,
    `-5,${four},"多行\r\n备注"`,
  ].join('\r\n');
  const query = `?columns=${encodeURIComponent('主图链接:url,编号:externalId')}`;
  expect(await outcomes(send(stack, gb18030(text), { type: 'text/csv', query }))).toEqual([
    [2, 'published'],
    [3, 'source_not_found'],
    [4, 'invalid_row'],
    [5, 'published'],
    [5, 'published'],
    [6, 'published'],
  ]);
  const id = made.at(-1) ?? '';
  const items = await itemsOf(stack, id);
  expect(items.map(({ externalId }) => externalId)).toEqual([
    '货号１',
    '=1+1',
    'SKU-3',
    'x;=1+1',
    'x;=1+1',
    '-5',
  ]);

  const [url1, , , url4, url5, url6] = items.map(({ url }) => url);
  const [thumb1, , , thumb4, thumb5, thumb6] = items.map(({ variants }) => variants.thumb?.url);
  const [id1, id2, id3, id4, id5, id6] = items.map((item) => item.id);
  const wrong = items.map(({ error }) => error?.detail ?? '');
  expect(wrong[1]).toMatch(/HTTP 410/);
  const english = await report(stack, id, 'csv');
  expect(english).toContain(wrong[1]);
  const chinese = await report(stack, id, 'csv', 'zh-CN,zh;q=0.9');
  const [, missing = ''] = /source_not_found,(.*),,,1,\S+\r\n/.exec(chinese) ?? [];
  const [, invalid = ''] = /invalid_row,(.*),,,,\r\n/.exec(chinese) ?? [];
  expect([missing, invalid]).toEqual([
    expect.stringMatching(/链接打不开（410）/),
    expect.stringMatching(/第 4 行.*网址/),
  ]);
  expect(chinese).toBe(
    [
      '\uFEFF编号,主图链接,备注,row,id,externalId,status,url,thumb.url,code,reason,aiLabel,reusedId,position,source.url',
      `货号１,${one},普通,2,${id1},货号１,published,${url1},${thumb1},,,,,1,${one}`,
      `'=1+1,${at('/status/410')},"'@SUM(""A1"")",3,${id2},'=1+1,failed,,,source_not_found,${missing},,,1,${at('/status/410')}`,
      `SKU-3,不是网址,'-2+3,4,${id3},SKU-3,failed,,,invalid_row,${invalid},,,,`,
      `"x;'=1+1",${two} ${three},两张,5,${id4},"x;'=1+1",published,${url4},${thumb4},,,,,1,${two}`,
      `"x;'=1+1",${two} ${three},两张,5,${id5},"x;'=1+1",published,${url5},${thumb5},,,,,2,${three}`,
      `-5,${four},"多行\r\n备注",6,${id6},-5,published,${url6},${thumb6},,,,,1,${four}`,
      '',
    ].join('\r\n'),
  );
  const lines = await reportLines(stack, id, 'zh');
  expect(lines.map(({ row, columns }) => [row, columns['备注']])).toEqual([
    [2, '普通'],
    [3, '@SUM("A1")'],
    [4, '-2+3'],
    [5, '两张'],
    [5, '两张'],
    [6, '多行\r\n备注'],
  ]);
  expect(lines[1]).toMatchObject({ externalId: '=1+1', code: 'source_not_found', reason: missing });
  expect(
    items.map(({ error, position, source }) => [error?.code === 'invalid_row' ? null : position, source.url]),
  ).toEqual(lines.map(({ position, source }) => [position, source.url]));
  expect((await readBatch(stack, id)).body).toMatchObject({ rows: 5, total: 6 });
});

test('accepts a ZIP archive and never uses its names as paths', async () => {
  const jpeg = await tiny(20);
  const nothing = Buffer.alloc(0);
  const body = zipOf({
    '商品/主图 1.jpg': jpeg,
    'same-again.jpg': jpeg,
    'notes.txt': Buffer.from('just text'),
    'half.jpg': jpeg.subarray(0, jpeg.length >> 1),
    '__MACOSX/._half.jpg': Buffer.from('x'),
    'empty/': nothing,
    '../../passwd': jpeg,
  });
  expect(await outcomes(send(stack, body, { type: 'application/zip' }))).toEqual([
    [1, 'published'],
    [2, 'published'],
    [3, 'unsupported_media_type'],
    [4, 'image_truncated'],
    [5, 'published'],
  ]);
  const lines = await reportLines(stack, made.at(-1) ?? '');
  expect(lines.map(({ externalId, columns }) => [externalId, columns['file']])).toEqual([
    ['商品/主图 1.jpg', '商品/主图 1.jpg'],
    ['same-again.jpg', 'same-again.jpg'],
    ['notes.txt', 'notes.txt'],
    ['half.jpg', 'half.jpg'],
    ['passwd', '../../passwd'],
  ]);
  // The first two have the same bytes, but not the same objects.
  const [first, second] = await itemsOf(stack, made.at(-1) ?? '');
  expect((await ask(stack, `/v1/images/${first?.id}`, { method: 'DELETE' })).status).toBe(202);
  await until('it to be deleted', 20, async () => (await fetch(first?.url ?? '')).status === 404 || null);
  expect((await fetch(second?.url ?? '')).status).toBe(200);
});

test('accepts a form with many files', async () => {
  const form = new FormData();
  const jpeg = new Uint8Array(await tiny(20));
  form.append('file', new Blob([jpeg], { type: 'image/jpeg' }), '甲.jpg');
  form.append('file', new Blob([]), 'empty.jpg');
  form.append(
    'file',
    new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/png' }),
    'x.png',
  );
  form.append('file', new Blob([jpeg], { type: 'image/jpeg' }), '乙.jpg');
  expect(await outcomes(send(stack, form, { query: '?profile=avatar' }))).toEqual([
    [1, 'published'],
    [2, 'empty_file'],
    [3, 'unsupported_media_type'],
    [4, 'published'],
  ]);
  const items = await itemsOf(stack, made.at(-1) ?? '');
  expect(items.map(({ source, profile }) => [source.filename, profile])).toEqual([
    ['甲.jpg', 'avatar'],
    ['empty.jpg', 'avatar'],
    ['x.png', 'avatar'],
    ['乙.jpg', 'avatar'],
  ]);
});

test('refuses an invalid body and creates no batch', async () => {
  const refused = [
    [send(stack, ''), 400, 'invalid_request'],
    [send(stack, '{"items":[{"url":', { type: 'application/json' }), 400, 'invalid_request'],
    [send(stack, 'a,b\n1,2\n', { type: 'text/csv' }), 400, 'invalid_request'],
    [send(stack, 'not a ZIP', { type: 'application/zip' }), 400, 'invalid_request'],
    [send(stack, ndjson([{ url: at('/image/a/x') }]), { query: '?profile=nope' }), 400, 'unknown_profile'],
    [send(stack, 'hello', { type: 'text/plain' }), 415, 'unsupported_media_type'],
  ] as const;
  for (const [response, status, code] of refused)
    expect(await response).toMatchObject({ status, body: { code } });
  // Only the accepted batches exist.
  await expectWhole(stack, made);
});
