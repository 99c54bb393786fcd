import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Language } from '@pixdock/contract/messages/text';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import { readZipEntry } from '@pixdock/shared/state/manifest/read-zip-entry';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { testBatch } from '@pixdock/shared/testing/batch';
import { rawZip } from '@pixdock/shared/testing/raw-zip';
import { stub } from '@pixdock/shared/testing/stub';
import { drawingOf, relationships, row, text, workbookOf } from '@pixdock/shared/testing/workbook';
import { expect, test } from 'vitest';
import { listArchive } from '../../batch-formats/list-archive.js';
import { receiveBody } from '../../batch-formats/testing/receive.js';
import type { ReportRow } from '../rows.js';
import { changeSheet } from './sheet.js';
import { NO_STYLES } from './styles.js';
import { openWorkbookReport } from './workbook-report.js';

const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const SHEET = 'xl/worksheets/sheet1.xml';
const STYLES = 'xl/styles.xml';
const HEADER = row(1, text('A1', 'SKU'), text('B1', '图片链接'));
const url = (name: string) => `https://a.example/${name}.jpg`;
const published = { status: 'published', url: 'https://cdn.example/1.jpg' } as const;
const failed = (reason = 'It is gone.', faultColumn = '') =>
  ({ status: 'failed', code: 'source_not_found', reason, faultColumn }) as const;

type Outcome = Partial<ReportRow>;

/** Imports a workbook, and returns it with an outcome for each of its items. */
async function returned(
  body: Buffer,
  outcomes: Outcome[],
  {
    language = 'en',
    deleted = 0,
    hidesOthers = false,
  }: { language?: Language; deleted?: number; hidesOthers?: boolean } = {},
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'workbook-report-test-'));
  try {
    const received = await receiveBody({ type: TYPE, body });
    const { archive } = batchFiles(folder);
    await mkdir(dirname(archive));
    await writeFile(archive, body);
    const entry = testBatch(received);
    const rows = received.items.map((item, i) => ({
      id: `img_${i}`,
      row: item.row,
      cells: item.cells,
      externalId: item.externalId,
      status: 'queued' as const,
      url: null,
      variants: {},
      code: null,
      reason: null,
      faultColumn: null,
      fix: null,
      aiLabel: null,
      reusedId: null,
      position: 1,
      source: { url: item.origin?.kind === 'url' ? item.origin.url : null },
      submitted: { profile: item.profile, metadata: item.metadata, deleteAfterSeconds: null },
      ...outcomes[i],
    }));
    async function* groups() {
      for (const one of rows) yield [one];
    }
    const state = stub<BatchState>({ deleted });
    const manifest = stub<Manifest>({ archive: async () => archive, entry });
    return await buffer(await openWorkbookReport(state, manifest, groups(), { language, hidesOthers }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The parts of a workbook by name, in the order of its directory. */
async function partsOf(workbook: Buffer): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'workbook-report-test-'));
  try {
    const path = join(folder, 'workbook.xlsx');
    await writeFile(path, workbook);
    const parts = new Map<string, string>();
    for await (const { name, origin } of listArchive(path, { maxEntryBytes: 1e7, maxEntries: 100 }))
      parts.set(name, (await buffer(readZipEntry(path, origin, 1e7))).toString());
    return parts;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function sheetOf(workbook: Buffer): Promise<string> {
  return (await partsOf(workbook)).get(SHEET) ?? '';
}

const withStyles = (rows: string, styles: string, given: Partial<Parameters<typeof workbookOf>[0]> = {}) =>
  workbookOf({
    rows,
    bookRelations: [['styles', 'styles.xml']],
    ...given,
    parts: { [STYLES]: styles, ...given.parts },
  });

const PLAIN_STYLES =
  '<styleSheet><fills count="2"><fill/><fill/></fills><cellXfs count="2"><xf fillId="0"/><xf numFmtId="14" fillId="1"><alignment vertical="center"/></xf></cellXfs></styleSheet>';

/** A cell that the report adds. */
const added = (place: string, content: string, style = '') =>
  `<c r="${place}"${style} t="inlineStr"><is><t xml:space="preserve">${content}</t></is></c>`;

test('adds the outcome of each row after the last column in use', async () => {
  const rows =
    HEADER +
    row(2, text('A2', 'S1'), text('B2', url('1'))) +
    row(3) +
    row(4, text('A4', 'S2'), text('B4', url('2')), text('D4', 'a note'));
  const sheet = await sheetOf(
    await returned(workbookOf({ rows }), [published, failed('a < b & _x0041_\u0001')]),
  );
  expect(sheet).toContain(
    row(
      1,
      text('A1', 'SKU'),
      text('B1', '图片链接'),
      added('E1', 'Pixdock URL'),
      added('F1', 'Pixdock status'),
      added('G1', 'Pixdock reason'),
    ) +
      row(2, text('A2', 'S1'), text('B2', url('1')), added('E2', published.url), added('F2', 'published')) +
      row(3) +
      row(
        4,
        text('A4', 'S2'),
        text('B4', url('2')),
        text('D4', 'a note'),
        added('F4', 'failed'),
        added('G4', 'a &lt; b &amp; _x005F_x0041_\uFFFD'),
      ),
  );
});

test('writes reasons, statuses and the names of its columns in the language of the request', async () => {
  const rows = HEADER + row(2, text('A2', 'S1'), text('B2', url('1')));
  const sheet = await sheetOf(
    await returned(workbookOf({ rows }), [failed('图片不见了')], { language: 'zh' }),
  );
  for (const content of ['Pixdock 链接', 'Pixdock 状态', 'Pixdock 原因', '失败', '图片不见了'])
    expect(sheet).toContain(`>${content}<`);
});

test('marks the cell of a picture that failed, and not the URL beside it', async () => {
  const rows =
    row(1, text('A1', '主图'), text('B1', '图片链接')) + row(2, text('A2', 'picture'), text('B2', url('1')));
  const failedPicture = { ...failed(), source: { url: null }, cells: ['', url('1')] };
  const sheet = await sheetOf(await returned(withStyles(rows, PLAIN_STYLES), [failedPicture]));
  expect(sheet).toMatch(/<c r="A2"[^>]* s="2"/);
  expect(sheet).toMatch(/<c r="B2" t="inlineStr">/);
});

test('leaves every byte of the other parts, whatever their names, methods and flags', async () => {
  const styles = `\uFEFF${PLAIN_STYLES}`;
  const made = workbookOf({
    rows: HEADER + row(2, text('A2', 'S1'), text('B2', url('1'))),
    bookRelations: [['styles', 'styles.xml']],
  });
  const parts = [...(await partsOf(made))].map(([name, content]) => ({ name, content, hasDescriptor: true }));
  const others = [
    { name: '图.png', content: 'x'.repeat(100_000), method: 0 },
    { name: 'folder/', content: '', method: 0 },
    { name: '__MACOSX/._x', content: 'kept' },
  ];
  const before = rawZip([
    ...parts.slice(0, 2),
    { name: STYLES, content: styles },
    ...parts.slice(2),
    ...others,
  ]);
  const after = await returned(before.archive, [failed()]);
  const [old, now] = [await partsOf(before.archive), await partsOf(after)];
  expect([...now.keys()]).toEqual([...old.keys()]);
  const changed = [...old.keys()].filter((name) => old.get(name) !== now.get(name));
  expect(changed).toEqual([STYLES, SHEET]);
  // Local headers and compressed data, too.
  const { origins } = before;
  const ranges = origins.map(({ offset }, i) => before.archive.subarray(offset, origins[i + 1]?.offset));
  const kept = ranges.filter((_, i) => ![2, 5].includes(i)).slice(0, -1);
  expect(kept.every((range) => after.includes(range))).toBe(true);
  expect(now.get(STYLES)?.startsWith('\uFEFF<styleSheet>')).toBe(true);
  // Readers of a stream find the sizes after the data.
  expect(after.readUInt16LE(after.lastIndexOf('PK\x03\x04') + 6) & 8).toBe(8);
});

test('marks the cell at fault, the status and the reason in red, with the format that the cell has', async () => {
  const rows =
    row(1, text('A1', 'SKU'), text('B1', '主图'), text('C1', '副图')) +
    row(2, '<c r="A2" s="1"><v>7</v></c>', text('B2', url('1')), text('C2', url('2'))) +
    row(3, '<c s="1" r="A3"><v>8</v></c>') +
    row(4, '<c r="A4" s="1"><v>9</v></c>', text('B4', url('3')));
  const parts = await partsOf(
    await returned(withStyles(rows, PLAIN_STYLES), [
      published,
      failed(),
      failed('It is empty.', '主图 / 副图'),
      failed('It is too long.', 'SKU'),
    ]),
  );
  expect(parts.get(STYLES)).toBe(
    '<styleSheet><fills count="3"><fill/><fill/><fill><patternFill patternType="solid"><fgColor rgb="FFFFC1C2"/><bgColor indexed="64"/></patternFill></fill></fills>' +
      '<cellXfs count="5"><xf fillId="0"/><xf numFmtId="14" fillId="1"><alignment vertical="center"/></xf>' +
      '<xf fillId="2" applyFill="1"/><xf fillId="2" applyFill="1" applyAlignment="1"><alignment wrapText="1"/></xf>' +
      '<xf numFmtId="14" fillId="2" applyFill="1"><alignment vertical="center"/></xf></cellXfs></styleSheet>',
  );
  const [red, lines] = [' s="2"', ' s="3"'];
  const redText = (place: string, content: string) => text(place, content).replace(' t=', `${red} t=`);
  expect(parts.get(SHEET)).toContain(
    `<row r="2"><c r="A2" s="1"><v>7</v></c>${text('B2', url('1'))}${moved(redText('C2', url('2')))}${added('D2', published.url)}${added('E2', 'published\nfailed', lines)}${added('F2', '\nIt is gone.', lines)}</row>` +
      `<row r="3"><c s="1" r="A3"><v>8</v></c><c r="B3"${red}/><c r="C3"${red}/>${added('E3', 'failed', red)}${added('F3', 'It is empty.', red)}</row>` +
      `<row r="4"><c r="A4" s="4"><v>9</v></c>${text('B4', url('3'))}${added('E4', 'failed', red)}${added('F4', 'It is too long.', red)}</row>`,
  );
});

/** A cell whose style is its last attribute. */
const moved = (cell: string) => cell.replace(/( s="\d+")( t="inlineStr")/, '$2$1');

test('gives a new cell the style of its row, or else of its column', async () => {
  const sheet =
    '<worksheet><cols><col min="1" max="1" style="1"/><col min="2" max="9" style="2"/></cols><sheetData>' +
    `${HEADER}${row(2, text('A2', 'S1'))}<row r="3" s="3" customFormat="1">${text('A3', 'S2')}</row></sheetData></worksheet>`;
  const formats = '<xf/><xf numFmtId="1"/><xf numFmtId="2"/><xf numFmtId="3"/>';
  const styles = `<styleSheet><fills></fills><cellXfs>${formats}</cellXfs></styleSheet>`;
  const body = withStyles('', styles, { parts: { [SHEET]: sheet, [STYLES]: styles } });
  const parts = await partsOf(await returned(body, [failed('no', '图片链接'), failed('no', '图片链接')]));
  expect(parts.get(STYLES)).toContain(
    '<xf numFmtId="2" fillId="0" applyFill="1"/><xf numFmtId="3" fillId="0" applyFill="1"/></cellXfs>',
  );
  expect(parts.get(SHEET)).toContain(
    `${text('A2', 'S1')}<c r="B2" s="4"/>${added('D2', 'failed', ' s="4"')}`,
  );
  expect(parts.get(SHEET)).toContain(
    `${text('A3', 'S2')}<c r="B3" s="5"/>${added('D3', 'failed', ' s="5"')}`,
  );
});

test('replaces an earlier report, in either language, and takes back its red', async () => {
  const styles =
    '<styleSheet><fills><fill/></fills><cellXfs><xf fillId="0" numFmtId="49"/></cellXfs></styleSheet>';
  const rows =
    HEADER +
    row(2, text('A2', 'S1'), text('B2', 'nothing')) +
    row(3, text('A3', 'S2'), text('B3', url('2'))) +
    `<row r="4" hidden="1">${text('A4', 'S3')}${text('B4', url('3'))}</row>`;
  const first = await returned(withStyles(rows, styles), [failed('bad', '图片链接'), failed()], {
    language: 'zh',
  });
  const read = await receiveBody({ type: TYPE, body: first });
  expect(read.columns).toEqual(['SKU', '图片链接']);
  expect(read.items.map(({ cells }) => cells)).toEqual([
    ['S1', 'nothing'],
    ['S2', url('2')],
  ]);

  const second = await partsOf(await returned(first, [published, failed('still gone')]));
  expect(second.get(SHEET)).toContain(
    row(
      1,
      text('A1', 'SKU'),
      text('B1', '图片链接'),
      added('C1', 'Pixdock URL'),
      added('D1', 'Pixdock status'),
      added('E1', 'Pixdock reason'),
    ) +
      row(
        2,
        text('A2', 'S1'),
        `<c r="B2" t="inlineStr" s="2"><is><t>nothing</t></is></c>`,
        added('C2', published.url),
        added('D2', 'published', ' s="2"'),
        '<c r="E2" s="2"/>',
      ) +
      row(
        3,
        text('A3', 'S2'),
        `<c r="B3" t="inlineStr" s="1"><is><t>${url('2')}</t></is></c>`,
        added('D3', 'failed', ' s="1"'),
        added('E3', 'still gone', ' s="1"'),
      ),
  );
  expect(second.get(STYLES)).toContain(
    '<cellXfs count="3"><xf fillId="0" numFmtId="49"/><xf numFmtId="49" fillId="1" applyFill="1"/><xf numFmtId="49" fillId="0" applyFill="1"/></cellXfs>',
  );
});

test('does not take notes beside the header for rows when the workbook is imported again', async () => {
  const rows = HEADER + row(2, text('A2', 'S1'), text('B2', url('1'))) + row(9, text('E9', 'made by us'));
  const again = await receiveBody({ type: TYPE, body: await returned(workbookOf({ rows }), [published]) });
  expect(again).toMatchObject({ total: 1, columns: ['SKU', '图片链接'] });
});

test('adds rows that have nothing but a picture, and cells to rows without any', async () => {
  const drawing = (...places: [number, number][]) => ({
    after: '<drawing r:id="rId1"/>',
    relations: [['drawing', '../drawings/drawing1.xml'] as [string, string]],
    parts: {
      'xl/drawings/drawing1.xml': drawingOf(...places),
      'xl/drawings/_rels/drawing1.xml.rels': relationships(
        ...places.map(() => ['image', '../media/1.png'] as [string, string]),
      ),
      'xl/media/1.png': 'picture',
    },
  });
  const body = workbookOf({
    rows: row(1, text('A1', '图片')) + '<row r="3" spans="1:1" ht="90"/>',
    ...drawing([1, 0], [2, 0], [2, 5], [4, 0]),
  });
  const sheet = await sheetOf(await returned(body, [published, published, published, published]));
  const { url: link } = published;
  expect(sheet).toContain(
    row(
      1,
      text('A1', '图片'),
      added('G1', 'Pixdock URL'),
      added('H1', 'Pixdock status'),
      added('I1', 'Pixdock reason'),
    ) +
      row(2, added('G2', link), added('H2', 'published')) +
      `<row r="3" ht="90">${added('G3', link)}${added('H3', 'published')}</row>` +
      row(5, added('G5', link), added('H5', 'published')),
  );
  const bare = '<worksheet xmlns:r="r"><sheetData/><drawing r:id="rId1"/></worksheet>';
  const given = drawing([0, 0]);
  const empty = workbookOf({ rows: '', ...given, parts: { ...given.parts, [SHEET]: bare } });
  const written = await sheetOf(await returned(empty, [published]));
  expect(written.replace(/<cols>.*<\/cols>/, '')).toBe(
    bare.replace(
      '<sheetData/>',
      `<sheetData>${row(1, added('B1', link), added('C1', 'published'))}</sheetData>`,
    ),
  );
});

test('keeps prefixes, comments and quotes of the sheet, and drops the hint of its size', async () => {
  const sheet =
    `<?xml version='1.0' encoding="GB2312"?><!-- <row> --><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:dimension ref="A1:B2"/><x:sheetData>` +
    `<x:row r='1'><x:c t='str'><x:v>图片</x:v></x:c></x:row><x:row a=">" ><x:c t="str"><x:f><![CDATA["</x:c>"&"]]></x:f><x:v>${url('1')}</x:v></x:c><!-- </x:row> --></x:row></x:sheetData><x:row/></x:worksheet>`;
  const after = await sheetOf(
    await returned(workbookOf({ rows: '', parts: { [SHEET]: sheet } }), [published]),
  );
  const cell = (place: string, content: string) =>
    `<x:c r="${place}" t="inlineStr"><x:is><x:t xml:space="preserve">${content}</x:t></x:is></x:c>`;
  expect(after).toBe(
    sheet
      .replace('GB2312', 'UTF-8')
      .replace(
        '<x:dimension ref="A1:B2"/>',
        '<x:cols><x:col min="2" max="2" width="40" customWidth="1"/><x:col min="3" max="3" width="12" customWidth="1"/><x:col min="4" max="4" width="48" customWidth="1"/></x:cols>',
      )
      .replace(
        '图片</x:v></x:c>',
        `$&${cell('B1', 'Pixdock URL')}${cell('C1', 'Pixdock status')}${cell('D1', 'Pixdock reason')}`,
      )
      .replace('" >', '">')
      .replace('<!-- </x:row> -->', `$&${cell('B2', published.url)}${cell('C2', 'published')}`),
  );
});

test('writes the same sheet, wherever its pieces end', async () => {
  const piece = `${row(2, text('A2', 'S1'), text('B2', url('1')))}<!-- "quoted' > -->`;
  const sheet = `<worksheet a='"' b="'/>"><sheetData>${HEADER}${piece}</sheetData></worksheet>`;
  const write = async (size: number) => {
    const bytes = Buffer.from(sheet);
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    async function* changes() {
      yield { row: 2, isHeader: false, isHidden: false, cells: new Map([[5, { text: '图', isRed: false }]]) };
    }
    return (await buffer(changeSheet(pieces(), changes(), NO_STYLES, { first: 5, widths: [] }))).toString();
  };
  const whole = await write(10_000);
  expect(whole).toContain(added('E2', '图'));
  for (let size = 2; size < 50; size++) expect(await write(size)).toBe(whole);
});

test('takes linear time for long names, gaps and values', async () => {
  const long = 'a'.repeat(200_000);
  const gap = ' '.repeat(200_000);
  const sheet = `<worksheet><sheetData>${HEADER}<${long}:row r="2"${gap}><c ${long}="${gap}" r="B2" t="str"${gap}><v>${url('1')}</v></c></${long}:row></sheetData></worksheet>`;
  const after = await sheetOf(
    await returned(workbookOf({ rows: '', parts: { [SHEET]: sheet } }), [published]),
  );
  expect(after).toContain(`<${long}:t xml:space="preserve">published</${long}:t>`);
});

test('shows the rows again that an earlier report hid, and none that the supplier hid', async () => {
  const wide = '<c r="B5"/>'.repeat(8000);
  const rows =
    HEADER +
    row(2, text('A2', 'S1'), text('B2', url('1'))) +
    row(3, text('A3', 'S2'), text('B3', url('2'))) +
    `<row r="4" hidden="1">${text('A4', 'S3')}${text('B4', url('3'))}</row><row r="5" hidden="1">${wide}</row>`;
  const first = await returned(workbookOf({ rows }), [published, failed()], { hidesOthers: true });
  const shown = async (workbook: Buffer) =>
    [...(await sheetOf(workbook)).matchAll(/<row r="(\d)"([^>]*)>/g)].flatMap(([, number, rest]) =>
      rest?.includes('hidden="1"') ? [] : [number],
    );
  expect(await shown(first)).toEqual(['1', '3']);
  const second = await returned(first, [published]);
  expect(await shown(second)).toEqual(['1', '2', '3']);
  expect((await sheetOf(second)).includes(`<row r="5" hidden="1">${wide}</row>`)).toBe(true);
  // Each row has the URL that one of the reports has added.
  expect((await sheetOf(second)).split(`>${published.url}<`)).toHaveLength(3);
  expect(await shown(await returned(first, [failed()], { hidesOthers: true }))).toEqual(['1', '3']);
});

test('shows a hidden row again that comes after a row which the file lacks', async () => {
  const cells = text('A4', 'S3') + text('D4', 'published');
  const sheet = `<worksheet><sheetData><row r="4" hidden="true">${cells}</row></sheetData></worksheet>`;
  async function* changes() {
    yield { row: 3, isHeader: false, isHidden: false, cells: new Map([[3, { text: 'x', isRed: false }]]) };
  }
  const chunks = Readable.from([Buffer.from(sheet)]);
  const columns = { first: 3, widths: [] };
  const written = await buffer(changeSheet(chunks, changes(), NO_STYLES, columns, 4));
  expect(written.toString()).toContain(row(3, added('C3', 'x')) + row(4, cells));
});

test('hides the rows that have not failed, so that an import takes the corrected ones only', async () => {
  const rows =
    HEADER +
    row(2, text('A2', 'S1'), text('B2', url('1'))) +
    row(3, text('A3', 'S2'), text('B3', 'www.a.example/2.jpg')) +
    `<row r="4" hidden="0">${text('B4', url('3'))}</row>`;
  const outcomes = [published, failed(), published];
  const workbook = await returned(workbookOf({ rows }), outcomes, { hidesOthers: true });
  const hidden = [...(await sheetOf(workbook)).matchAll(/<row [^>]*>/g)].map(([tag]) =>
    /hidden="1"/.test(tag),
  );
  expect(hidden).toEqual([false, true, false, true]);
  // The hidden rows have their URLs.
  expect(await sheetOf(workbook)).toContain(`>${published.url}<`);
  const { items, warnings } = await receiveBody({ type: TYPE, body: workbook });
  expect(items.map(({ row: number }) => number)).toEqual([3]);
  expect(warnings).toMatchObject([{ code: 'ignored_rows' }]);
});

const widthsOf = (sheet: string) =>
  [...sheet.matchAll(/<col ([^>]*)\/>/g)].map(([, attributes = '']) => {
    const of = (name: string) => new RegExp(` ?${name}="([^"]*)"`).exec(attributes)?.[1];
    return [of('min'), of('max'), of('width'), of('style'), of('hidden')];
  });
const NEW_WIDTHS = [
  ['3', '3', '40', undefined, undefined],
  ['4', '4', '12', undefined, undefined],
  ['5', '5', '48', undefined, undefined],
];

test.each<[string, string, (string | undefined)[][]]>([
  ['no list', '', NEW_WIDTHS],
  ['an empty list', '<cols/>', NEW_WIDTHS],
  [
    'columns before',
    '<cols><col min="1" max="2" width="9" customWidth="1"></col></cols>',
    [['1', '2', '9', undefined, undefined], ...NEW_WIDTHS],
  ],
  [
    'columns of the whole sheet',
    '<cols><col min="1" max="16384" width="9" style="1" hidden="1"/></cols>',
    [
      ['1', '2', '9', '1', '1'],
      ['3', '3', '40', '1', undefined],
      ['4', '4', '12', '1', undefined],
      ['5', '5', '48', '1', undefined],
      ['6', '16384', '9', '1', '1'],
    ],
  ],
  [
    'some of the new columns, one with the width of a person',
    '<cols><col min="4" max="4" width="7" customWidth="1"/><col min="5" max="8" width="9"/></cols>',
    [
      NEW_WIDTHS[0] ?? [],
      ['4', '4', '7', undefined, undefined],
      NEW_WIDTHS[2] ?? [],
      ['6', '8', '9', undefined, undefined],
    ],
  ],
  [
    'columns after',
    '<cols><col min="9" max="9" width="9"/></cols>',
    [...NEW_WIDTHS, ['9', '9', '9', undefined, undefined]],
  ],
])('makes its columns wide enough in a sheet with %s', async (_, cols, widths) => {
  const sheet = `<worksheet>${cols}<sheetData>${HEADER}${row(2, text('A2', 'S1'), text('B2', url('1')))}</sheetData></worksheet>`;
  const after = await sheetOf(
    await returned(workbookOf({ rows: '', parts: { [SHEET]: sheet } }), [published]),
  );
  expect(widthsOf(after)).toEqual(widths);
  expect(after.match(/<cols>/g)).toHaveLength(1);
  expect(after.indexOf('</cols>')).toBeLessThan(after.indexOf('<sheetData>'));
});

test('refuses a workbook of which a row was deleted', async () => {
  const body = workbookOf({ rows: HEADER + row(2, text('B2', url('1'))) });
  await expect(returned(body, [], { deleted: 1 })).rejects.toMatchObject({
    code: 'not_found',
    detail: { reason: 'workbook-gone' },
  });
});

test('refuses a workbook that has no room for columns, or needs ZIP64', async () => {
  const full = workbookOf({ rows: HEADER + row(2, text('B2', url('1')), text('ALK2', 'x')) });
  const made = workbookOf({ rows: HEADER + row(2, text('B2', url('1'))) });
  const entries = [...(await partsOf(made))].map(([name, content]) => ({ name, content, isZip64: true }));
  for (const body of [
    full,
    rawZip(entries).archive,
    rawZip(
      entries.map((entry) => ({ ...entry, isZip64: false })),
      true,
    ).archive,
  ])
    await expect(returned(body, [])).rejects.toMatchObject({
      code: 'not_found',
      detail: { reason: 'workbook-without-room' },
    });
});
