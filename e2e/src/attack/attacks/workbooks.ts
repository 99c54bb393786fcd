import { row, text, workbookOf } from '@pixdock/shared/testing/workbook';
import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { BATCHES, DRY_RUN, idsIn, MIB, PREVIEW, pathOf } from './support.js';

export const workbooks: Attack = {
  name: 'workbooks',
  about:
    'workbooks of some KB that inflate to 64 MiB of rows, repeat a string of 1 MiB, or merge all cells 16,000 times',
  async run(alice, size) {
    const bodies = [emptyRows(), repeatedString(), mergedCells()];
    const requests = bodies.flatMap((body) =>
      [BATCHES, DRY_RUN, PREVIEW].map((path) => post(path, 'application/octet-stream', body)),
    );
    await alice.flood({
      connections: 4,
      total: 9 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
  },
};

export const workbookReports: Attack = {
  name: 'workbook-reports',
  about: 'readers of report.xlsx of a workbook of some KB, whose sheet has half a million blank rows',
  async run(alice, size) {
    const body = blankRows(`${alice.sources[0]}/status/404`);
    const { body: reply } = await alice.send(post(BATCHES, 'application/octet-stream', body), {
      keepsBody: true,
    });
    const reads = idsIn([reply]).flatMap((id) =>
      ['', '?status=failed'].map((query) => get(`${pathOf(id)}/report.xlsx${query}`)),
    );
    if (reads.length === 0) return;
    await alice.flood({
      connections: 8,
      total: 20 * size,
      timeoutMs: 10_000,
      request: (n) => reads[n % reads.length] ?? [],
    });
  },
};

const HEADER = row(1, text('A1', 'sku'), text('B1', 'url'));

const blankRows = (url: string) =>
  workbookOf({
    rows: HEADER + row(2, text('A2', 'S1'), text('B2', url)) + '<row><c s="0"/></row>'.repeat(500_000),
  });

const emptyRows = () => workbookOf({ rows: HEADER + '<row/>'.repeat((64 * MIB) / 6) });

const repeatedString = () =>
  workbookOf({
    rows: HEADER + '<row><c t="s"><v>0</v></c></row>'.repeat(50_000),
    bookRelations: [['sharedStrings', 'sharedStrings.xml']],
    parts: { 'xl/sharedStrings.xml': `<sst><si><t>${'x'.repeat(MIB - 1)}</t></si></sst>` },
  });

const mergedCells = () =>
  workbookOf({
    rows: HEADER + row(2, text('A2', 'S1')) + '<row/>'.repeat(1000),
    after: `<mergeCells>${'<mergeCell ref="A2:XFD1048576"/>'.repeat(16_000)}</mergeCells>`,
  });
