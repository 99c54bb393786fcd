import { randomBytes } from 'node:crypto';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { PixdockError } from '@pixdock/contract/error';
import { rawZip } from '@pixdock/shared/testing/raw-zip';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import {
  cellImagesOf,
  drawingOf,
  relationships,
  row,
  text,
  workbookOf,
} from '@pixdock/shared/testing/workbook';
import { assert, asyncProperty, nat } from 'fast-check';
import { expect, test } from 'vitest';
import { receiveBody, refusalOf, say } from '../testing/receive.js';
import { zipOf } from '../testing/zip.js';
import { MAX_ROW_BYTES } from '../unchecked-item.js';
import { previewWorkbook } from './preview.js';
import { openWorkbook } from './workbook.js';

const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const HEADER = row(1, text('A1', 'SKU'), text('B1', '图片链接'));
const ONE_ROW = row(2, text('A2', 'S1'), text('B2', 'https://a.example/1.jpg'));

const receive = (body: Buffer, query = '', type = TYPE) => receiveBody({ type, body, query });

test.each([
  TYPE,
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'application/vnd.ms-excel',
  'application/zip',
  'text/csv',
  'application/json',
])('reads a workbook that is sent as %s', async (type) => {
  const received = await receive(workbookOf({ rows: HEADER + ONE_ROW }), '', type);
  const facts = { format: 'workbook', columns: ['SKU', '图片链接'], total: 1, invalid: 0 };
  expect(received).toMatchObject(facts);
  expect(received.items).toMatchObject([
    {
      row: 2,
      cells: ['S1', 'https://a.example/1.jpg'],
      externalId: 'S1',
      origin: { kind: 'url', url: 'https://a.example/1.jpg' },
    },
  ]);
});

test('reads a workbook in a form, whose file names the batch', async () => {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(workbookOf({ rows: HEADER + ONE_ROW }))]), '商品.xlsx');
  const response = new Response(form);
  const type = response.headers.get('content-type') ?? '';
  const body = Buffer.from(await response.arrayBuffer());
  expect(await receive(body, '', type)).toMatchObject({
    name: '商品.xlsx',
    format: 'workbook',
    total: 1,
    items: [{ externalId: 'S1' }],
  });
});

test('reads the text of cells as Excel shows it', async () => {
  const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000000"/><numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="165"/></cellXfs></styleSheet>`;
  const strings =
    '<sst><si><t>one</t></si><si><r><t>two </t></r><r><rPr/><t>runs</t></r><rPh><t>kana</t></rPh></si><si><t>line_x000A_break</t></si></sst>';
  const cells: [cell: string, shown: string][] = [
    ['<c t="s"><v>0</v></c>', 'one'],
    ['<c t="s"><v>1</v></c>', 'two runs'],
    ['<c t="s"><v>2</v></c>', 'line\nbreak'],
    ['<c t="s"><v>99</v></c>', ''],
    ['<c><v>6.90123456789E12</v></c>', '6901234567890'],
    ['<c><v>0.1</v></c>', '0.1'],
    ['<c><v>12.299999999999999</v></c>', '12.3'],
    ['<c s="1"><v>123</v></c>', '000123'],
    ['<c s="2"><v>46356</v></c>', '2026-11-30'],
    ['<c s="3"><v>46356.5</v></c>', '2026-11-30 12:00:00'],
    ['<c t="b"><v>1</v></c>', 'TRUE'],
    ['<c t="str"><f>A1&amp;"x"</f><v>cached</v></c>', 'cached'],
    ['<c t="e"><v>#N/A</v></c>', '#N/A'],
  ];
  const header = cells.map((_, i) => `<c t="inlineStr"><is><t>c${i}</t></is></c>`);
  const { items } = await receive(
    workbookOf({
      rows: `<row>${header.join('')}<c t="inlineStr"><is><t>url</t></is></c></row><row>${cells.map(([cell]) => cell).join('')}<c t="str"><v>https://a.example/</v></c></row>`,
      bookRelations: [
        ['styles', 'styles.xml'],
        ['sharedStrings', '/xl/sharedStrings.xml'],
      ],
      parts: { 'xl/styles.xml': styles, 'xl/sharedStrings.xml': strings },
    }),
  );
  expect(items[0]?.cells.slice(0, -1)).toEqual(cells.map(([, shown]) => shown));
});

test('takes the URL of a link, of HYPERLINK and of IMAGE in a column of URLs', async () => {
  const formula = (place: string, content: string) =>
    `<c r="${place}" t="str"><f>${content}</f><v>see</v></c>`;
  const { items } = await receive(
    workbookOf({
      rows:
        HEADER +
        row(2, text('A2', 'see'), text('B2', 'see')) +
        row(3, formula('B3', 'HYPERLINK("https://a.example/3","see")')) +
        row(4, formula('B4', '_xlfn.IMAGE("https://a.example/4",,1)')) +
        row(5, formula('B5', 'HYPERLINK(A1&amp;"x")')),
      after:
        '<hyperlinks><hyperlink ref="A2" r:id="rId1"/><hyperlink ref="B2" r:id="rId1"/><hyperlink ref="B5" location="#x"/></hyperlinks>',
      relations: [['hyperlink', 'https://a.example/2', true]],
    }),
  );
  const urls = items.map(({ origin }) => (origin?.kind === 'url' ? origin.url : null));
  expect(urls).toEqual(['https://a.example/2', 'https://a.example/3', 'https://a.example/4', null]);
  expect(items[0]?.cells).toEqual(['see', 'https://a.example/2']);
});

test('finds the pictures of a row: floating, of WPS, of Excel, and linked ones', async () => {
  const { items, warnings } = await receive(
    workbookOf({
      rows:
        row(1, text('A1', 'SKU'), text('B1', '图片')) +
        row(2, text('A2', 'floating')) +
        row(
          3,
          text('A3', 'wps'),
          '<c r="B3" t="str"><f>_xlfn.DISPIMG("ID_7F",1)</f><v>=DISPIMG("ID_7F",1)</v></c>',
        ) +
        row(4, text('A4', 'excel'), '<c r="B4" t="e" vm="2"><v>#VALUE!</v></c>') +
        row(5, text('A5', 'none')),
      after: '<drawing r:id="rId1"/>',
      relations: [['drawing', '../drawings/drawing1.xml']],
      bookRelations: [
        ['http://www.wps.cn/officeDocument/2020/cellImage', 'cellimages.xml'],
        ['sheetMetadata', 'metadata.xml'],
        ['http://schemas.microsoft.com/office/2017/06/relationships/rdRichValue', 'richData/rdrichvalue.xml'],
        [
          'http://schemas.microsoft.com/office/2017/06/relationships/rdRichValueStructure',
          'richData/structure.xml',
        ],
        [
          'http://schemas.microsoft.com/office/2022/10/relationships/richValueRel',
          'richData/richValueRel.xml',
        ],
      ],
      parts: {
        'xl/drawings/drawing1.xml': drawingOf([1, 1], [1, 1], [5, 0]),
        'xl/drawings/_rels/drawing1.xml.rels': relationships(
          ['image', '../media/image2.png'],
          ['image', '../media/image1.jpeg'],
          ['image', 'https://a.example/linked.jpg', true],
        ),
        'xl/media/image1.jpeg': 'first',
        'xl/media/image2.png': 'second picture',
        'xl/media/image3.png': 'wps',
        'xl/media/image4.png': 'excel!',
        'xl/cellimages.xml': cellImagesOf('ID_7F'),
        'xl/_rels/cellimages.xml.rels': relationships(['image', 'media/image3.png']),
        'xl/metadata.xml':
          '<metadata><metadataTypes><metadataType name="OTHER"/><metadataType name="XLRICHVALUE"/></metadataTypes><futureMetadata name="XLRICHVALUE"><bk><extLst><ext><xlrd:rvb xmlns:xlrd="x" i="1"/></ext></extLst></bk></futureMetadata><valueMetadata><bk><rc t="1" v="0"/></bk><bk><rc t="2" v="0"/></bk></valueMetadata></metadata>',
        'xl/richData/rdrichvalue.xml':
          '<rvData><rv s="0"><v>9</v></rv><rv s="1"><v>0</v><v>5</v></rv></rvData>',
        'xl/richData/structure.xml':
          '<rvStructures><s t="_error"><k n="x"/></s><s t="_localImage"><k n="_rvRel:LocalImageIdentifier" t="i"/><k n="CalcOrigin" t="i"/></s></rvStructures>',
        'xl/richData/richValueRel.xml': '<richValueRels xmlns:r="r"><rel r:id="rId1"/></richValueRels>',
        'xl/richData/_rels/richValueRel.xml.rels': relationships(['image', '../media/image4.png']),
      },
    }),
  );
  expect(warnings).toEqual([]);
  expect(
    items.map(({ row: at, externalId, filename, origin, fault }) => [
      at,
      externalId,
      filename ?? (origin?.kind === 'url' ? origin.url : null) ?? say(fault, 'zh'),
      origin?.kind === 'entry' ? origin.bytes : null,
    ]),
  ).toEqual([
    [2, 'floating', 'image2.png', 14],
    [2, 'floating', 'image1.jpeg', 5],
    [3, 'wps', 'image3.png', 3],
    [4, 'excel', 'image4.png', 6],
    [5, 'none', '第 5 行：“图片”这一格是空的。', null],
    [6, null, 'https://a.example/linked.jpg', null],
  ]);
});

test('prefers the URLs of a row to pictures that lie elsewhere in it', async () => {
  const { items } = await receive(
    workbookOf({
      rows:
        row(1, text('A1', '备注'), text('B1', '图片链接')) +
        row(2, text('B2', 'https://a.example/1')) +
        row(3),
      after: '<drawing r:id="rId1"/>',
      relations: [['drawing', '../drawings/drawing1.xml']],
      parts: {
        'xl/drawings/drawing1.xml': drawingOf([1, 0], [2, 0]),
        'xl/drawings/_rels/drawing1.xml.rels': relationships(
          ['image', '../media/a.png'],
          ['image', '../media/b.png'],
        ),
        'xl/media/a.png': 'a',
        'xl/media/b.png': 'b',
      },
    }),
  );
  expect(items.map(({ filename, origin }) => filename ?? origin?.kind)).toEqual(['url', 'b.png']);
});

test('skips a title, joins a header of two rows, and fills merged cells', async () => {
  const { columns, items } = await receive(
    workbookOf({
      rows:
        row(1, text('A1', '报价单')) +
        row(2, text('A2', '货号'), text('B2', '资料')) +
        row(3, text('B3', '名称'), text('C3', '图片链接')) +
        row(4, text('A4', 'S1'), text('B4', 'one'), text('C4', 'https://a.example/1')) +
        row(5, text('C5', 'https://a.example/2')),
      after:
        '<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A2:A3"/><mergeCell ref="B2:C2"/><mergeCell ref="A4:A5"/></mergeCells>',
    }),
    `?columns=${encodeURIComponent('货号:externalId,资料 图片链接:url')}`,
  );
  expect(columns).toEqual(['货号', '资料 名称', '资料 图片链接']);
  expect(items.map(({ row: at, externalId, cells }) => [at, externalId, cells[1]])).toEqual([
    [4, 'S1', 'one'],
    [5, 'S1', ''],
  ]);
});

test('leaves hidden rows out, and says so', async () => {
  const { items, warnings } = await receive(
    workbookOf({
      rows: `${HEADER}${ONE_ROW}<row r="3" hidden="1">${text('A3', 'S2')}</row><row r="4" hidden="1">${text('A4', 'x'.repeat(MAX_ROW_BYTES + 1))}</row>`,
    }),
  );
  expect(items).toHaveLength(1);
  expect(warnings).toMatchObject([
    { code: 'ignored_rows', detail: { reason: 'hidden-rows', params: { rows: 2 } } },
  ]);
});

test('reads the chosen sheet, else the first that is visible', async () => {
  const two = workbookOf({
    rows: HEADER + ONE_ROW,
    sheets: '<sheet name="old" state="hidden" r:id="rId2"/><sheet name="新品" r:id="rId1"/>',
    bookRelations: [['worksheet', 'worksheets/sheet2.xml']],
    parts: {
      'xl/worksheets/sheet2.xml': `<worksheet><sheetData>${HEADER}${row(2, text('A2', 'old'), text('B2', 'https://a.example/'))}</sheetData></worksheet>`,
    },
  });
  expect((await receive(two)).items).toMatchObject([{ externalId: 'S1' }]);
  expect((await receive(two, '?sheet=old')).items).toMatchObject([{ externalId: 'old' }]);
  expect(await refusalOf({ type: TYPE, body: two, query: '?sheet=x' })).toBe(
    'invalid_request: The workbook has no sheet "x". Its sheets are: old, 新品.',
  );
  expect(await refusalOf({ type: 'text/csv', body: 'url\n', query: '?sheet=x' })).toBe(
    'invalid_request: `sheet` is only for Excel workbooks.',
  );
});

test('reads a sheet without a header if it has pictures', async () => {
  const { columns, items } = await receive(
    workbookOf({
      rows: row(1, text('A1', 'S1')) + row(2, text('A2', 'S2')),
      after: '<drawing r:id="rId1"/>',
      relations: [['drawing', '../drawings/drawing1.xml']],
      parts: {
        'xl/drawings/drawing1.xml': drawingOf([0, 1], [1, 1]),
        'xl/drawings/_rels/drawing1.xml.rels': relationships(
          ['image', '../media/a.png'],
          ['image', '../media/b.png'],
        ),
        'xl/media/a.png': 'a',
        'xl/media/b.png': 'b',
      },
    }),
  );
  expect(columns).toEqual(['A']);
  expect(items.map(({ cells, filename }) => [cells[0], filename])).toEqual([
    ['S1', 'a.png'],
    ['S2', 'b.png'],
  ]);
});

test('reads no row that is longer than in a CSV file, however often it repeats a string', async () => {
  const long = row(2, '<c r="A2" t="s"><v>0</v></c>', text('B2', 'https://a.example/'));
  const body = workbookOf({
    rows: HEADER + long + row(3, text('A3', 'S3'), text('B3', 'https://a.example/3')),
    bookRelations: [['sharedStrings', 'sharedStrings.xml']],
    parts: { 'xl/sharedStrings.xml': `<sst><si><t>${'x'.repeat(500_000)}</t></si></sst>` },
  });
  const { items } = await receive(body);
  expect(items.map(({ row: at, fault }) => [at, say(fault)])).toEqual([
    [2, 'Row 2 is longer than 64 KiB.'],
    [3, null],
  ]);
  const header = HEADER.replace('SKU', 'x'.repeat(100_000));
  expect(await refusalOf({ type: TYPE, body: workbookOf({ rows: header + ONE_ROW }) })).toMatch(
    /not a header/,
  );
});

test('keeps no more of a row than a row may have', async () => {
  const url = text('B2', 'https://a.example/');
  const rows = [
    // Cells without a place, beyond the last column of a sheet.
    row(2, text('A2', 'cells'), url, '<c><v>1</v></c>'.repeat(100_000)),
    row(3, `<c r="A3" t="inlineStr"><is>${`<r><t>${'x'.repeat(1000)}</t></r>`.repeat(1000)}</is></c>`),
    row(4, Array.from({ length: 100 }, (_, i) => text(i === 0 ? 'A4' : '', 'x'.repeat(1000))).join('')),
    row(5, text('A5', 'last'), text('B5', 'https://a.example/5')),
  ];
  const { items } = await receive(workbookOf({ rows: HEADER + rows.join('') }));
  expect(items.map(({ externalId, fault }) => externalId ?? say(fault))).toEqual([
    'cells',
    'Row 3 is longer than 64 KiB.',
    'Row 4 is longer than 64 KiB.',
    'last',
  ]);
});

test('refuses merged cells that overlap, which could be as many as the sheet in every row', async () => {
  const merges = '<mergeCell ref="A2:XFD1048576"/>'.repeat(2);
  const body = workbookOf({ rows: HEADER + ONE_ROW, after: `<mergeCells>${merges}</mergeCells>` });
  expect(await refusalOf({ type: TYPE, body })).toMatch(/more than 10000000 merged cells/);
});

const SHEET = 'xl/worksheets/sheet1.xml';
const sheetOf = (content: string) => workbookOf({ rows: '', parts: { [SHEET]: content } });

test.each<[string, Buffer | string, RegExp]>([
  [
    'of the old format',
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    /unsupported_media_type: This file is an XLS or ET/,
  ],
  ['that is another document', zipOf([{ name: '[Content_Types].xml', content: '<Types/>' }]), /no sheets/],
  ['that is cut off', workbookOf({ rows: HEADER + ONE_ROW }).subarray(0, 400), /The workbook is damaged/],
  [
    'without its sheet',
    workbookOf({ rows: '', sheets: '<sheet name="a" r:id="rId9"/>' }),
    /its part xl\/workbook\.xml/,
  ],
  [
    'with damaged XML',
    sheetOf('<worksheet><sheetData><row></worksheet>'),
    /its part xl\/worksheets\/sheet1\.xml/,
  ],
  ['that defines entities', sheetOf('<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'), /is damaged/],
  ['that is too deep', sheetOf('<a>'.repeat(200)), /is damaged/],
  [
    'with a cell without end',
    sheetOf(`<worksheet><sheetData><row><c><v>${'9'.repeat(2_000_000)}`),
    /is damaged/,
  ],
  ['without rows', workbookOf({ rows: '' }), /first row is not a header/],
  [
    'without pictures and URLs',
    workbookOf({ rows: row(1, text('A1', 'a')) + row(2, text('A2', 'b')) }),
    /neither pictures nor a column/,
  ],
  ['whose columns have other names', workbookOf({ rows: HEADER }), /the batch has no items/i],
])('refuses a workbook %s', async (_, body, reason) => {
  expect(await refusalOf({ type: TYPE, body })).toMatch(reason);
});

test('refuses a body that claims to be a workbook', async () => {
  expect(await refusalOf({ type: TYPE, body: 'url\nhttps://a.example/' })).toMatch(/not an Excel workbook/);
});

test('refuses XML that inflates to more than a hundred times its size', async () => {
  const body = workbookOf({ rows: HEADER + '<row/>'.repeat(3_000_000) });
  expect(await refusalOf({ type: TYPE, body })).toMatch(/more than 100 times its size once it is unpacked/);
});

test('refuses XML that says that it inflates without end', async () => {
  const { archive } = rawZip([
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: 'xl/workbook.xml', content: '<workbook/>', bytes: 600 * 1024 ** 2 },
  ]);
  expect(await refusalOf({ type: TYPE, body: archive })).toMatch(/more than 536870912 bytes of XML/);
});

test('settles for any damage', async () => {
  const whole = workbookOf({ rows: HEADER + ONE_ROW });
  await assert(
    asyncProperty(nat(whole.length - 1), nat(255), async (at, byte) => {
      const damaged = Buffer.from(whole);
      damaged[at] = byte;
      const outcome = await receive(damaged).then(
        () => 'received',
        (error) => (error instanceof PixdockError ? 'refused' : error),
      );
      expect(['received', 'refused']).toContain(outcome);
    }),
    { numRuns: 100 },
  );
});

/** The preview of a workbook with a file for it. */
async function preview(body: Buffer, sheet: string | null = null) {
  const path = join(temporaryFolder(), 'workbook.xlsx');
  await writeFile(path, body);
  return await previewWorkbook(path, { sheet, maxEntryBytes: 1000 });
}

test('previews a sheet as the import reads it, and says where its pictures lie in the file', async () => {
  const body = workbookOf({
    rows:
      row(1, text('A1', ' SKU '), text('B1', '图片')) +
      row(2) +
      row(3, text('A3', 'S1')) +
      `<row r="4" hidden="1">${text('A4', 'S2')}</row>` +
      row(5, text('A5', 'S3')),
    after: '<drawing r:id="rId1"/>',
    relations: [['drawing', '../drawings/drawing1.xml']],
    sheets:
      '<sheet name="商品" r:id="rId1"/><sheet name="说明" r:id="rId2"/><sheet name="x" state="hidden" r:id="rId2"/>',
    bookRelations: [['worksheet', 'worksheets/sheet2.xml']],
    parts: {
      'xl/worksheets/sheet2.xml': '<worksheet><sheetData/></worksheet>',
      'xl/drawings/drawing1.xml': drawingOf([2, 1], [2, 3], [4, 1], [4, 1]),
      'xl/drawings/_rels/drawing1.xml.rels': relationships(
        ['image', '../media/image1.jpeg'],
        ['image', 'https://a.example/2.jpg', true],
        ['image', '../media/zeros.png'],
        ['image', '../media/large.png'],
      ),
      'xl/media/image1.jpeg': 'a picture',
      'xl/media/zeros.png': Buffer.alloc(1000),
      'xl/media/large.png': Buffer.alloc(1001),
    },
  });
  const { rows, ...sheet } = await preview(body);
  expect(sheet).toEqual({
    encoding: null,
    sheets: ['商品', '说明'],
    sheet: '商品',
    columns: ['SKU', '图片'],
    isReport: false,
  });
  expect(rows).toMatchObject([
    {
      row: 3,
      cells: ['S1', ''],
      pictures: [
        { column: 2, name: 'image1.jpeg', entry: { bytes: 9, isDeflated: true } },
        { column: 4, name: 'https://a.example/2.jpg', entry: null },
      ],
    },
    {
      row: 5,
      cells: ['S3', ''],
      // One would fill the memory of a page, and one is too large to be imported.
      pictures: [
        { column: 2, name: 'zeros.png', entry: null },
        { column: 2, name: 'large.png', entry: null },
      ],
    },
  ]);
  const { offset = 0, compressedBytes = 0 } = rows[0]?.pictures[0]?.entry ?? {};
  const begin = offset + 30 + body.readUInt16LE(offset + 26) + body.readUInt16LE(offset + 28);
  expect(inflateRawSync(body.subarray(begin, begin + compressedBytes)).toString()).toBe('a picture');

  // A person can still choose another one.
  expect(await preview(body, '说明')).toMatchObject({ sheets: ['商品', '说明'], columns: [], rows: [] });
  await expect(preview(body, '不存在')).rejects.toThrow(/has no sheet "不存在"/);
});

test('warns of sheets that were not read, unless the request names one', async () => {
  const body = workbookOf({
    rows: HEADER + ONE_ROW,
    sheets:
      '<sheet name="A" r:id="rId1"/><sheet name="B" r:id="rId1"/><sheet name="C" state="hidden" r:id="rId1"/>',
  });
  const { warnings } = await receive(body);
  expect(warnings).toEqual([
    { code: 'ignored_sheets', detail: { reason: 'other-sheets', params: { sheet: 'A', others: ['B'] } } },
  ]);
  expect((await receive(body, '?sheet=B')).warnings).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'closes a workbook whose columns or header are refused',
  async () => {
    const noise = (n: number) => text(`B${n}`, `https://a.example/${randomBytes(40).toString('hex')}`);
    const rows = Array.from({ length: 4000 }, (_, i) => row(i + 2, text(`A${i + 2}`, 'S'), noise(i + 2)));
    const path = join(temporaryFolder(), 'workbook.xlsx');
    const openFiles = async () => {
      const names = await readdir('/proc/self/fd');
      const targets = await Promise.all(
        names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')),
      );
      return targets.filter((target) => target === path);
    };
    for (const header of [HEADER, row(1, text('ALM1', 'a'))]) {
      await writeFile(path, workbookOf({ rows: header + rows.join('') }));
      const mapping = new Map([['missing', 'url' as const]]);
      await expect(openWorkbook(path, { sheet: null, maxEntryBytes: 1000, mapping })).rejects.toThrow();
      await expect.poll(openFiles).toEqual([]);
      await previewWorkbook(path, { sheet: null, maxEntryBytes: 1000 }).catch(() => {});
      await expect.poll(openFiles).toEqual([]);
    }
  },
);
