import { sayDetail } from '@pixdock/contract/messages/detail';
import * as fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { previewCsv } from './csv.js';
import { receiveBody, refusalOf, say } from './testing/receive.js';
import { turnsDuring } from './testing/turns.js';

const TYPE = 'text/csv';
/** Node has no encoder for it: 图片链接 编号 图 货号 品牌 甲 乙 , as Excel in China writes them. */
const GB18030: Readonly<Record<string, string>> = {
  图: 'cdbc',
  片: 'c6ac',
  链: 'c1b4',
  接: 'bdd3',
  编: 'b1e0',
  号: 'bac5',
  货: 'bbf5',
  品: 'c6b7',
  牌: 'c5c6',
  甲: 'bcd7',
  说: 'cbb5',
  明: 'c3f7',
  联: 'c1aa',
  通: 'cda8',
  㐀: '8139ee39',
};
const gb = (text: string) =>
  Buffer.concat(
    Array.from(text, (char) => Buffer.from(GB18030[char] ?? Buffer.from(char).toString('hex'), 'hex')),
  );
const urlsOf = (items: { origin: unknown }[]) => items.map(({ origin }) => (origin as { url?: string })?.url);

const CHINESE =
  '图片链接,"编号",品牌,profile,说明\r\nhttp://a.example/图.jpg,货号㐀,"甲""品""\r\n牌",avatar,\r\nhttp://a.example/2.jpg,2,,,图片\r\n';
const MAPPED = `?columns=${encodeURIComponent('图片链接:url,编号:externalId,品牌:metadata.品牌')}`;

test.each([
  ['UTF-8', Buffer.from(CHINESE)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${CHINESE}`)],
  ['GB18030', gb(CHINESE)],
])('accepts Chinese headers, quotes and CRLF in %s, with any chunk size', async (_, body) => {
  for (const size of [1, 2, 5, 65_536]) {
    const received = await receiveBody({ type: TYPE, body, size, query: MAPPED });
    expect(received).toMatchObject({
      columns: ['图片链接', '编号', '品牌', 'profile', '说明'],
      total: 2,
      invalid: 0,
    });
    expect(received.items).toMatchObject([
      {
        row: 2,
        cells: ['http://a.example/图.jpg', '货号㐀', '甲"品"\r\n牌', 'avatar', ''],
        externalId: '货号㐀',
        metadata: { 品牌: '甲"品"\r\n牌' },
        profile: 'avatar',
        origin: { url: 'http://a.example/%E5%9B%BE.jpg' },
      },
      {
        row: 3,
        externalId: '2',
        metadata: {},
        profile: 'default',
        cells: ['http://a.example/2.jpg', '2', '', '', '图片'],
      },
    ]);
  }
});

test.each([',', ';', '\t'])('detects the delimiter %j in the header', async (delimiter) => {
  const body = [
    ['URL', 'External_ID', 'Metadata', '"a,b;c,d;e,f;"'],
    ['http://a.example/?a=1', 'x', '"{""a"":""1""}"', ''],
  ]
    .map((row) => row.join(delimiter))
    .join('\n');
  const { items } = await receiveBody({ type: TYPE, body });
  expect(items).toMatchObject([{ externalId: 'x', metadata: { a: '1' }, fault: null }]);
});

test('adds an item for each URL of a row, in one cell or in several columns', async () => {
  const body = [
    'url,externalId,更多',
    '"http://a.example/1,2.jpg, HTTPS://a.example/x;y;http://a.example/3|http://a.example/4\nhttp://a.example/5，http://a.example/6",sku,http://a.example/7',
    ',sku-2,http://a.example/8',
    'http://a.example/9,sku-3,',
  ].join('\n');
  const query = `?columns=${encodeURIComponent('url:url,更多:url')}`;
  const { items } = await receiveBody({ type: TYPE, body, query });
  expect(urlsOf(items)).toEqual([
    'http://a.example/1,2.jpg',
    'https://a.example/x;y',
    ...[3, 4, 5, 6, 7, 8, 9].map((n) => `http://a.example/${n}`),
  ]);
  expect(items.map(({ row }) => row)).toEqual([2, 2, 2, 2, 2, 2, 2, 3, 4]);
  expect(items.map(({ externalId }) => externalId)).toEqual([...Array(7).fill('sku'), 'sku-2', 'sku-3']);
});

test('quotes the error of a spreadsheet', async () => {
  const { faults } = await receiveBody({ type: TYPE, body: 'url\n#N/A' });
  expect(say(faults[0])).toBe('Row 2: `url` is not an absolute URL: "#N/A".');
});

test('fails only the item of an invalid URL among several', async () => {
  const { items, faults } = await receiveBody({ type: TYPE, body: 'url\nhttp://a.example/|b.jpg' });
  expect(items.map(({ fault }) => fault?.code)).toEqual([undefined, 'invalid_row']);
  expect(say(faults[0])).toBe('Row 2: `url` is not an absolute URL: "b.jpg".');
});

test('splits neither a URL with white space nor a remark', async () => {
  const body = 'url\nhttp://a.example/海滩 1.jpg http://a.example/2.jpg\nno picture yet';
  const { items, total, invalid } = await receiveBody({ type: TYPE, body });
  expect(urlsOf(items)).toEqual([
    'http://a.example/%E6%B5%B7%E6%BB%A9%201.jpg',
    'http://a.example/2.jpg',
    undefined,
  ]);
  expect([total, invalid]).toEqual([3, 1]);
});

test('reads a cell of only separators in linear time', async () => {
  const began = performance.now();
  await receiveBody({ type: TYPE, body: `url\n"a${' ,'.repeat(16_000)}${' '.repeat(30_000)}b"` });
  expect(performance.now() - began).toBeLessThan(1000);
});

test('counts empty rows, keeps short rows short and accepts mixed line ends', async () => {
  const body = 'url,externalId,note\r\n\r\n,,\nhttp://a.example/1\r , ,\r\nhttp://a.example/2,x,y,,';
  const { items, columns } = await receiveBody({ type: TYPE, body });
  expect(columns).toEqual(['url', 'externalId', 'note']);
  expect(items).toMatchObject([
    { row: 4, cells: ['http://a.example/1'], fault: null },
    { row: 6, cells: ['http://a.example/2', 'x', 'y'], fault: null },
  ]);
});

test.each([
  [
    'x,http://a.example/,y',
    'Row 2 has 3 cells, but the header row has 2. Put cells that contain the delimiter into quotes.',
  ],
  ['x,', 'Row 2: `url` is empty.'],
  ['x', 'Row 2: `url` is empty.'],
  [
    '{,http://a.example/',
    'Row 2: `metadata` is not JSON. Write an object of strings, for example {"album":"7"}.',
  ],
  [
    '{album:7},http://a.example/',
    'Row 2: `metadata` is not JSON: "{album:7}". Write an object of strings, for example {"album":"7"}.',
  ],
  ['[],http://a.example/', 'Row 2: `metadata` is not an object.'],
  ['"{""a"":1}",http://a.example/', 'Row 2: `metadata.a` is not a string.'],
  [`"${'x'.repeat(66_000)}",http://a.example/`, 'Row 2 is longer than 64 KiB.'],
  [`"${'x,\n'.repeat(350_000)}",http://a.example/`, 'Row 2 is longer than 64 KiB.'],
  [`${','.repeat(70_000)}x`, 'Row 2 is longer than 64 KiB.'],
  [`"{""a"":""${'x'.repeat(5000)}""}",http://a.example/`, 'Row 2: `metadata` is larger than 4 KiB.'],
  ['\0,\0', 'Row 2: `metadata` is not JSON. Write an object of strings, for example {"album":"7"}.'],
])('turns an invalid row into a failed item: %.40s', async (row, en) => {
  const body = `metadata,url\n${row}\n,http://a.example/good\n`;
  for (const size of [1000, 65_536]) {
    const { items } = await receiveBody({ type: TYPE, body, size });
    expect(items).toMatchObject([
      { row: 2, origin: null, fault: { code: 'invalid_row' } },
      { row: 3, fault: null },
    ]);
    expect(say(items[0]?.fault)).toBe(en);
  }
});

test('names the row in Chinese too', async () => {
  const { faults } = await receiveBody({ type: TYPE, body: 'url,x\n,1' });
  expect(faults).toEqual([
    {
      row: 2,
      externalId: null,
      url: null,
      field: 'url',
      code: 'invalid_row',
      reason: 'cell-empty',
      params: { row: 2, line: 2, field: 'url' },
    },
  ]);
  expect(say(faults[0], 'zh')).toBe('第 2 行：url 这一格是空的。');
});

test('keeps stray quotes as part of a cell', async () => {
  const { items } = await receiveBody({
    type: TYPE,
    body: 'url,note\nhttp://a.example/,5" pipe\nhttp://b.example/,"a"b',
  });
  expect(items.map(({ cells }) => cells[1])).toEqual(['5" pipe', '"a"b']);
});

test('fails a row that is not text, at any position', async () => {
  const good = Buffer.from('http://a.example/图.jpg,图\n');
  const bad = Buffer.from('http://a.example/,\xff\xfe\n', 'latin1');
  for (const rows of [1, 10_000]) {
    const before = Array<Buffer>(rows).fill(good);
    const body = Buffer.concat([Buffer.from('url,note\n'), ...before, bad, good]);
    const limits = { maxBatchItems: 20_000 };
    const { total, faults } = await receiveBody({ type: TYPE, body, limits, onItem: () => {} });
    expect(total).toBe(rows + 2);
    expect(faults).toMatchObject([{ row: rows + 2 }]);
    expect(say(faults[0])).toBe(
      `Row ${rows + 2} is not text in the encoding of the file (UTF-8 or GB18030).`,
    );
  }
});

test.each(['utf-8', 'gb18030'])(
  'detects %s when it begins late, at a chunk that ends within a character',
  async (encoding) => {
    for (let shift = 0; shift < 4; shift++) {
      const ascii = `http://a.example/,${'x'.repeat(shift)}\n${'http://a.example/,\n'.repeat(4000)}`;
      const text = `http://a.example/,${'图片'.repeat(20)}\n`.repeat(10);
      const encoded = encoding === 'utf-8' ? Buffer.from(text) : gb(text);
      const body = Buffer.concat([Buffer.from(`url,note\n${ascii}`), encoded]);
      let last = '';
      const limits = { maxBatchItems: 20_000 };
      const onItem = (item: { cells: string[] }) => void (last = item.cells[1] ?? '');
      expect(await receiveBody({ type: TYPE, body, limits, onItem })).toMatchObject({ invalid: 0 });
      expect(last).toBe('图片'.repeat(20));
      const within = Buffer.concat([
        Buffer.from(`url,${'x'.repeat(shift)}\n`),
        ...Array<Buffer>(400).fill(encoded),
      ]);
      await receiveBody({ type: TYPE, body: within, limits, onItem });
      expect(last).toBe('图片'.repeat(20));
    }
  },
);

test('detects GB18030 from the rest of the file if the header is also valid UTF-8', async () => {
  const { items, columns } = await receiveBody({ type: TYPE, body: gb('联通,url\n图片,http://a.example/') });
  expect([columns[0], items[0]?.cells[0]]).toEqual(['联通', '图片']);
});

test.each([
  ['图片', 'gb18030'],
  ['Crème brûlée', 'utf-8'],
  ['Привет', 'utf-8'],
  ['Εικόνα προϊόντος', 'utf-8'],
  ['图片', 'utf-8'],
])('detects the encoding of %s from a few characters: %s', async (header, encoding) => {
  const text = `${header},url\n,http://a.example/`;
  const body = encoding === 'utf-8' ? Buffer.from(text) : gb(text);
  expect((await receiveBody({ type: TYPE, body })).columns[0]).toBe(header);
});

test('fails a damaged row in GB18030', async () => {
  const row = gb('http://a.example/,图片,编号\n');
  const cut = Buffer.concat([row.subarray(0, -2), row.subarray(-1)]);
  const body = Buffer.concat([gb('url,图片,编号\n'), row, cut, row]);
  const { columns, total, faults } = await receiveBody({ type: TYPE, body });
  expect([columns, total, faults.map((fault) => fault.row)]).toEqual([['url', '图片', '编号'], 3, [3]]);
});

test('prefers the encoding in Content-Type to detection', async () => {
  const type = (charset: string) => `text/csv; header=present; charset=${charset}`;
  const columnsOf = async (charset: string, body: Buffer) =>
    (await receiveBody({ type: type(charset), body })).columns[0];
  const looksLikeGb = Buffer.from('ͼƬ,url\n,http://a.example/');
  expect(await columnsOf('us-ascii', looksLikeGb)).toBe('图片');
  expect(await columnsOf('"UTF-8"', looksLikeGb)).toBe('ͼƬ');
  expect(await columnsOf('GBK', Buffer.from('é,url\n,http://a.example/'))).toBe('茅');
  for (const charset of ['windows-1252', 'utf-16', 'no-such'])
    expect(await refusalOf({ type: type(charset), body: looksLikeGb })).toMatch(/UTF-8 or GB18030/);
  expect(await refusalOf({ type: type('utf-8'), body: gb('货号,url\n,http://a.example/') })).toMatch(
    /not utf-8, which Content-Type .* declares\. Leave out charset/,
  );
  const excel = { type: 'application/vnd.ms-excel', body: gb('图片,url\n,http://a.example/') };
  expect((await receiveBody(excel)).columns[0]).toBe('图片');
});

test.each([
  ['blank lines before the header', '\r\n;;\r\nurl;a\r\nhttp://a.example/;1,2\r\nb.jpg;', [4, 5], 5],
  ["Excel's line about the delimiter", 'sep=;\r\n"url";a\r\nhttp://a.example/;1,2\r\nb.jpg;', [2, 3], 4],
  ['cells of several lines', 'url;a\nhttp://a.example/;"1,2"\nb;"x\r\ny\rz"\nc.jpg;', [2, 3, 4], 3],
])('numbers rows as a spreadsheet, and lines as an editor: %s', async (_, body, rows, line) => {
  for (const size of [1, 65_536]) {
    const { columns, items, faults } = await receiveBody({ type: TYPE, body, size });
    expect([columns, items[0]?.cells]).toEqual([
      ['url', 'a'],
      ['http://a.example/', '1,2'],
    ]);
    expect(items.map(({ row }) => row)).toEqual(rows);
    expect(say(faults[0])).toMatch(
      `Row ${rows[1]}${line === rows[1] ? '' : ` (line ${line} of the file)`}: \`url\` is not`,
    );
    // Staging returns the same sentence.
    expect(say(items[1]?.fault)).toBe(say(faults[0]));
    const last = rows.length === 3 ? 'Row 4 (line 6 of the file)' : '';
    expect(say(items.at(-1)?.fault)).toContain(last);
  }
});

test('says which URL of its row an item has, and counts rows apart from images', async () => {
  const body =
    'url\nhttp://a.example/1.jpg、http://a.example/2.jpg 、 http://a.example/3.jpg\nhttp://a.example/、.jpg\n';
  const { items, rows, total } = await receiveBody({ type: TYPE, body });
  expect(urlsOf(items)).toEqual([
    ...[1, 2, 3].map((n) => `http://a.example/${n}.jpg`),
    'http://a.example/%E3%80%81.jpg',
  ]);
  expect(items.map((item) => [item.row, 'position' in item && item.position])).toEqual([
    [2, 1],
    [2, 2],
    [2, 3],
    [3, 1],
  ]);
  expect([rows, total]).toEqual([2, 4]);
});

test('accepts a report, without the columns that it added', async () => {
  const added =
    'row,id,pixdock_externalId,status,pixdock_url,thumb.url,code,reason,aiLabel,reusedId,position,source.url';
  const values = 'failed,,,source_denied,No.,,,1,http://a.example/';
  const body = `\ufeffexternalId,url,${added}\nsku,http://a.example/,7,,sku,${values}\nx,http://b.example/,8,,x,${values},more\n`;
  const { columns, items, faults } = await receiveBody({ type: TYPE, body });
  expect(columns).toEqual(['externalId', 'url']);
  expect(items[0]).toMatchObject({ row: 2, externalId: 'sku', cells: ['sku', 'http://a.example/'] });
  expect(urlsOf(items)).toEqual(['http://a.example/', undefined]);
  expect(say(faults[0])).toContain('has 15 cells, but the header row has 14');
});

test('submits only the URL at the position of each line of a report', async () => {
  const cell = 'http://a.example/1|http://a.example/2';
  const line = (position: string, url: string) =>
    `${url},2,,,failed,,source_denied,No.,,,${position},http://a.example/x`;
  const body = [
    'url,row,id,externalId,status,pixdock_url,code,reason,aiLabel,reusedId,position,source.url',
    line('1', cell),
    line('2', cell),
    line('2', 'http://a.example/corrected'),
    line('', cell),
  ].join('\n');
  const { items } = await receiveBody({ type: TYPE, body });
  const numbers = ['1', '2', 'corrected', '1', '2'];
  expect(urlsOf(items)).toEqual(numbers.map((n) => `http://a.example/${n}`));
  const own = `url,position,source.url\n${cell},2,x`;
  expect((await receiveBody({ type: TYPE, body: own })).items).toHaveLength(2);
});

test('splits mappings at the last colon, and finds a mapped field only by its mapping', async () => {
  const query = `?columns=${encodeURIComponent('img:main:url,id:externalId,url:metadata.page')}`;
  const body = 'img:main,id,externalId,URL,url\nhttp://a.example/,1,2,z,http://p.example/';
  const { items } = await receiveBody({ type: TYPE, body, query });
  expect(items).toMatchObject([
    {
      externalId: '1',
      metadata: { page: 'http://p.example/' },
      cells: ['http://a.example/', '1', '2', 'z', 'http://p.example/'],
    },
  ]);
  expect(items).toHaveLength(1);
});

test('merges a metadata column with metadata.KEY columns', async () => {
  const query = `?columns=${encodeURIComponent('a:metadata.a,p:metadata.__proto__')}`;
  const body = 'url,metadata,a,p\nhttp://a.example/,"{""b"":""1""}",2,\nhttp://a.example/,,,x';
  const { items } = await receiveBody({ type: TYPE, body, query });
  expect(items[0]?.metadata).toEqual({ a: '2', b: '1' });
  expect(say(items[1]?.fault)).toBe('Row 3: `metadata` has a key named __proto__. Rename it.');
});

test('takes the URLs of all columns with the name in `columns`', async () => {
  const body = '图,图\nhttps://a.example/1.jpg,https://a.example/2.jpg\n';
  const { items } = await receiveBody({
    type: TYPE,
    body,
    query: `?columns=${encodeURIComponent('图:url')}`,
  });
  expect(items.map(({ origin }) => origin?.kind === 'url' && origin.url)).toEqual([
    'https://a.example/1.jpg',
    'https://a.example/2.jpg',
  ]);
});

test('takes columns named metadata.KEY, and refuses a key that a row has twice', async () => {
  const body =
    'url,metadata,metadata.店铺,Metadata.a.b\nhttp://a.example/,"{""b"":""1""}",甲,2\nhttp://a.example/,"{""a.b"":""1""}",,2\nhttp://a.example/,"{""a.b"":""1""}",,';
  const { items, faults, warnings } = await receiveBody({ type: TYPE, body });
  expect(items.map(({ metadata }) => metadata)).toEqual([
    { b: '1', 店铺: '甲', 'a.b': '2' },
    {},
    { 'a.b': '1' },
  ]);
  expect(faults).toMatchObject([{ row: 3, field: 'metadata.a.b', code: 'invalid_row' }]);
  expect(say(faults[0])).toBe('Row 3: column "Metadata.a.b" is given twice.');
  expect(warnings).toEqual([]);
});

test('finds a key with a mapping only by its mapping', async () => {
  const query = `?columns=${encodeURIComponent('shop:metadata.shop')}`;
  const body = 'url,shop,metadata.shop\nhttp://a.example/,1,2';
  const { items } = await receiveBody({ type: TYPE, body, query });
  expect(items[0]?.metadata).toEqual({ shop: '1' });
});

test.each([
  ['metadata_shop', 'metadata.shop'],
  ['Metadata[店铺]', 'metadata.店铺'],
  ['profiles', 'profile'],
  ['sha-256', 'sha256'],
])('warns of the column %s, which appears in reports only', async (column, meant) => {
  const body = `url,${column},colour\nhttp://a.example/,1,2`;
  const { items, warnings } = await receiveBody({ type: TYPE, body });
  expect(items).toMatchObject([{ fault: null, metadata: {}, profile: 'default', sha256: null }]);
  expect(warnings.map(({ code, detail }) => [code, sayDetail('en', detail)])).toEqual([
    [
      'ignored_field',
      `Column \`${column}\` is not a known column and appears in reports only. Write it as \`${meant}\` if it should set that field.`,
    ],
  ]);
});

test('warns of no column whose field another column sets', async () => {
  const query = `?columns=${encodeURIComponent('sha:sha256')}`;
  const body = 'url,profile,profiles,sha,sha-256\nhttp://a.example/,,,,';
  expect((await receiveBody({ type: TYPE, body, query })).warnings).toEqual([]);
});

test.each([
  ['', '', /has no items/],
  ['\n\n', '', /has no items/],
  ['link\nhttp://a.example/', '', /Name one "url" in the first row.*The first row is: link/],
  ['http://a.example/1\nhttp://a.example/2', '', /contains a URL: "http:\/\/a.example\/1"/],
  ['url\n', '', /no items/],
  ['url\n"http://a.example/\nhttp://a.example/\n', '', /A quote \("\) in or after row 2 is never closed/],
  [`url\n"${'x\n'.repeat(1_000_000)}`, '', /is never closed/],
  [`${'x'.repeat(70_000)},url\n1,http://a.example/`, '', /not a header/],
  ['url,a\n', '?columns=b:url', /names "b", but the header row has only: url, a/],
  ['url,skuhttp://a.example/1,s1http://a.example/2,s2', '', /`curl -d` removes line breaks/],
  [`skuhttp://a.example/,${'1,'.repeat(1000)}`, '?columns=sku:url', /`curl -d` removes line breaks/],
  [`url${','.repeat(1000)}\n`, '', /The header row has 1001 columns; the limit is 1000/],
  ['a,a,url\n', '?columns=a:externalId', /names "a", which the header row has twice/],
  ['a\n', '?columns=a:url,a:sha256', /names "a" twice/],
  ['a\n', '?columns=a:link', /contains "a:link", but "link" is not a field\. The fields are url/],
  ['a\n', '?columns=a', /is not HEADER:field/],
  ['a\n', '?columns=', /is not HEADER:field/],
  ['a\n', '?columns=a:metadata.', /"metadata\." is not a field/],
  ['url,externalId,external_id\n', '', /Two columns are externalId/],
  ['url,a,b\n', '?columns=a:sha256,b:sha256', /Two columns are sha256/],
  ['url,metadata.a,METADATA.a\n', '', /Two columns are metadata.a/],
  [Buffer.from('\ufeffurl\nhttp://a.example/', 'utf16le'), '', /UTF-16/],
])('refuses %.40j with %j', async (body, query, reason) => {
  for (const size of [1000, 65_536])
    expect(await refusalOf({ type: TYPE, body, query, size })).toMatch(reason);
});

test('stops at an unclosed quote before the end of the body', async () => {
  let sent = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from('url\n"');
    for (; sent < 200; sent++) yield Buffer.alloc(65_536, 'x,');
  }
  const limits = { maxBatchBytes: 100_000_000 };
  expect(await refusalOf({ type: TYPE, body: endless(), limits })).toMatch(/row 2 is never closed/);
  expect(sent).toBeLessThan(30);
});

test('stores a long cell once for a hundred URLs', async () => {
  const row = (urls: number) => `${'http://a.io/ '.repeat(urls)},${'x'.repeat(60_000)}\n`;
  const staged = async (urls: number) => {
    const { total, invalid, stagedBytes } = await receiveBody({ type: TYPE, body: `url,note\n${row(urls)}` });
    expect([total, invalid]).toEqual([urls, 0]);
    return stagedBytes;
  };
  expect((await staged(100)) - (await staged(1))).toBeLessThan(10_000);
});

test('turns a row with more than a hundred URLs into one failed item', async () => {
  const body = `url,externalId\n${'http://a.io/|'.repeat(101)},sku\n${'|'.repeat(5000)}http://a.io/,x\nhttp://a.io/,y\n`;
  const { items } = await receiveBody({ type: TYPE, body });
  expect(items.map(({ row, externalId, fault }) => [row, externalId, say(fault)])).toEqual([
    [2, 'sku', 'Row 2: `url` has more than 100 image URLs. Spread them over several rows.'],
    [3, 'x', 'Row 3: `url` has more than 100 image URLs. Spread them over several rows.'],
    [4, 'y', null],
  ]);
});

test.each([
  ['blank lines', '\n'],
  ['rows of empty cells', ',\r\n'],
])('refuses more %s than an Excel sheet has', async (_, row) => {
  const body = (rows: number) => `url,a\n${row.repeat(rows)}http://a.example/,\n`;
  expect((await receiveBody({ type: TYPE, body: body(2 ** 20) })).items[0]?.row).toBe(2 ** 20 + 2);
  expect(await refusalOf({ type: TYPE, body: body(2 ** 20 + 1) })).toMatch(
    /^invalid_request: The file has more than 1048576 blank rows/,
  );
});

test.each([
  ['empty lines', 'url\n', '\n', 200_000],
  ['short rows under a wide header', `url${',a'.repeat(900)}\n`, 'x\n', 20_000],
  ['rows of invalid text', 'url\n', '\xff\xfe\n', 20_000],
  ['rows of many short cells', `url${',a'.repeat(999)}\n`, `http://a.example/${',é'.repeat(999)}\n`, 200],
])('keeps the event loop turning while it reads %s', async (_, header, row, rows) => {
  const body = Buffer.from(`${header}${row.repeat(rows)}http://a.example/\n`, 'latin1');
  const limits = { maxBatchItems: 100_000 };
  const turns = await turnsDuring(async () => {
    await receiveBody({ type: TYPE, body, limits, size: body.length, onItem: () => {} });
  });
  expect(turns.longestMs).toBeLessThan(100);
  expect(turns.count).toBeGreaterThan(5);
});

test('limits the growth of a batch by long names of metadata columns', async () => {
  const name = `metadata.${'n'.repeat(3900)}`;
  const query = `?columns=${encodeURIComponent(`a:${name}`)}`;
  const body = `url,a\n${'http://a/,1\n'.repeat(100)}`;
  expect(await refusalOf({ type: TYPE, body, query })).toMatch(
    /^payload_too_large: The batch takes more than 28 times its size/,
  );
});

test('limits the growth by characters that take more bytes in staging', async () => {
  const rows = `http://a.example/,${'\u0001'.repeat(50_000)}\n`.repeat(5);
  const limits = { maxBatchBytes: 1_000_000 };
  expect(await refusalOf({ type: TYPE, body: `url,note\n${rows}`, limits })).toMatch(
    /^payload_too_large: .* in staging/,
  );
});

test('stores a short row without padding', async () => {
  const body = `url${','.repeat(999)}\nhttp://a.example/\nhttp://a.example/,,x\n`;
  const { items, columns } = await receiveBody({ type: TYPE, body });
  expect(columns).toHaveLength(1000);
  expect(items.map(({ cells }) => cells)).toEqual([['http://a.example/'], ['http://a.example/', '', 'x']]);
});

it.each([
  ['x', ''],
  ['xy', ''],
  ['x', 'sep=,\n'],
])('accepts a file of many invalid rows as short as %j after %j', async (url, before) => {
  const body = `${before}url\n${`${url}\n`.repeat(9000)}`;
  const limits = { maxBatchItems: 9000 };
  const { total, invalid } = await receiveBody({ type: TYPE, body, limits });
  expect([total, invalid]).toEqual([9000, 9000]);
});

test.each([
  ['编号,图片链接\n1,\n', '第 2 行：“图片链接”这一格是空的。', 'Row 2: column "图片链接" is empty.'],
  [
    '编号,主图,详情图\n1,,\n',
    '第 2 行：“主图 / 详情图”这一格是空的。',
    'Row 2: column "主图 / 详情图" is empty.',
  ],
  [
    '编号,图片链接\n1,www.a.cn/1.jpg\n',
    '第 2 行：“图片链接”不是完整的链接（http:// 或 https:// 开头）：“www.a.cn/1.jpg”。',
    'Row 2: column "图片链接" is not an absolute URL: "www.a.cn/1.jpg".',
  ],
  [
    '编号,图片链接\n1,http：／／a.cn/1.jpg\n',
    '第 2 行：“图片链接”不是完整的链接（http:// 或 https:// 开头）：“http：／／a.cn/1.jpg”。应为 http://a.cn/1.jpg',
    'Row 2: column "图片链接" is not an absolute URL: "http：／／a.cn/1.jpg". It probably means http://a.cn/1.jpg',
  ],
])('names the column of the caller in %j', async (body, zh, en) => {
  const pairs = '图片链接:url,主图:url,详情图:url'.split(',');
  const columns = pairs.filter((pair) => body.includes(pair.slice(0, pair.indexOf(':')))).join(',');
  const query = `?columns=${encodeURIComponent(columns)}`;
  const { items } = await receiveBody({ type: TYPE, body, query });
  expect([say(items[0]?.fault), say(items[0]?.fault, 'zh')]).toEqual([en, zh]);
});

const preview = (body: Buffer | string, contentType = 'text/csv') =>
  previewCsv(
    (async function* () {
      yield Buffer.from(body);
    })(),
    contentType,
  );

test('previews the first rows as the import reads them, without blank rows and columns that a report added', async () => {
  const added = 'row,id,externalId,status,url,code,reason,aiLabel,reusedId,position,source.url';
  const many = Array.from({ length: 60 }, (_, i) => `${i},http://a.example/${i},,,,,,,,,,\n`).join('');
  const { encoding, columns, rows, isReport } = await preview(
    `\ufeff编号, 图片 ,${added}\n\n"a\n""b""", x ,,,,,,,,,,\n${many}`,
  );
  expect([encoding, columns, rows.length, isReport]).toEqual(['utf-8', ['编号', '图片'], 50, true]);
  expect(rows.slice(0, 2)).toEqual([
    { row: 3, cells: ['a\n"b"', 'x'], pictures: [] },
    { row: 4, cells: ['0', 'http://a.example/0'], pictures: [] },
  ]);
});

test('previews GB18030, and refuses a body that is not CSV', async () => {
  const gbk = Buffer.from([0xbb, 0xf5, 0xba, 0xc5, 0x0a, 0xbb, 0xf5, 0xba, 0xc5, 0x0a]);
  expect(await preview(gbk)).toEqual({
    encoding: 'gb18030',
    sheets: [],
    sheet: null,
    columns: ['货号'],
    rows: [{ row: 2, cells: ['货号'], pictures: [] }],
    isReport: false,
  });
  await expect(preview(Buffer.from('\ufeffurl\na', 'utf16le'))).rejects.toThrow(/UTF-16/);
  await expect(preview('\n\n')).rejects.toThrow(/has no items/);
});

test('previews rows that are too long or not text without cells', async () => {
  const rows = [Buffer.from(`url\n${'x'.repeat(70_000)}\n`), Buffer.from([0xff, 0x0a]), Buffer.from('a\n')];
  expect((await preview(Buffer.concat(rows))).rows).toEqual([
    { row: 2, cells: [], pictures: [] },
    { row: 3, cells: [], pictures: [] },
    { row: 4, cells: ['a'], pictures: [] },
  ]);
});

test('previews fewer rows if they are long', async () => {
  const body = `url\n${`${'x'.repeat(60_000)}\n`.repeat(50)}`;
  expect((await preview(body)).rows).toHaveLength(9);
});

test('previews the rows of any sheet as the import reads them', async () => {
  const piece = fc.constantFrom(
    'a',
    '图',
    ' ',
    '"',
    '""',
    ',',
    ';',
    '\t',
    '\n',
    '\r\n',
    '\r',
    'http://a.example/',
    '\0',
  );
  const sheets = fc.array(piece, { maxLength: 60 }).map((pieces) => `url,a\n${pieces.join('')}`);
  await fc.assert(
    fc.asyncProperty(sheets, async (body) => {
      const refusal = (error: unknown) => String(error);
      const rows = await preview(body).then(({ rows: found }) => found, refusal);
      const imported = await receiveBody({ type: TYPE, body }).then(({ items }) => {
        const ofRows = new Map(items.map(({ row, cells }) => [row, cells.map((cell) => cell.trim())]));
        return [...ofRows].map(([row, cells]) => ({ row, cells, pictures: [] }));
      }, refusal);
      // A sheet of the header row alone has a preview, but no items.
      if (typeof imported !== 'string' || !imported.includes('no items')) expect(rows).toEqual(imported);
    }),
    { numRuns: 30 },
  );
});
