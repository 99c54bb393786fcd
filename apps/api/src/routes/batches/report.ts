import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { reportFileName } from '@pixdock/contract/batch-name';
import { csvLine } from '@pixdock/contract/csv-line';
import { encodedFileName } from '@pixdock/contract/encoded-file-name';
import { REPORT_COLUMNS } from '@pixdock/contract/sheet/report-columns';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { type BatchParts, readBatch, readManifest } from '../../batches.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { languageOf } from '../../http/language.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { type ReportRow, reportRows } from '../../reports/rows.js';
import { batchIdParam } from '../parameters.js';
import { refusals } from '../responses.js';

const FORMS = {
  ndjson: {
    operationId: 'readNdjsonReport',
    type: 'application/x-ndjson',
    write: ndjsonReport,
    example: '{"source":"https://a.example/1.jpg","row":1,"status":"published","url":"https://…"}\n',
  },
  csv: {
    operationId: 'readCsvReport',
    type: 'text/csv; charset=utf-8',
    write: csvReport,
    example: 'url,row,externalId,status,url,code\nhttps://a.example/1.jpg,2,sku-1,published,https://…,\n',
  },
} as const;

/** Streams `/report.ndjson` and `/report.csv`: every row of the batch with its outcome, in row order. */
export function reportBatch(app: OpenAPIHono<ApiEnv>, deps: BatchParts & Parts<'readLimits'>): void {
  for (const [extension, { operationId, type, write, example }] of Object.entries(FORMS)) {
    const route = createRoute({
      method: 'get',
      path: `/v1/batches/{id}/report.${extension}`,
      operationId,
      tags: ['Batches'],
      summary: `Read the outcome of each row, as ${extension.toUpperCase()}`,
      description:
        'The columns of the input, then row, externalId, status, url, code, reason, aiLabel, position and source.url. The response is streamed.',
      security: needs('read'),
      request: { params: batchIdParam },
      responses: {
        ...refusals,
        200: {
          description: 'One line for each item',
          content: { [type]: { schema: { type: 'string' as const, examples: [example] } } },
        },
      },
    });
    app.openAPIRegistry.registerPath(route);
    app.get(`/v1/batches/:id/report.${extension}`, async (c) => {
      const state = await readBatch(deps, c.req.param('id'), c.get('owner'));
      const manifest = await readManifest(deps, state.id);
      const rows = reportRows(deps, state, manifest, languageOf(c));
      setPrivateHeaders(c);
      c.header('Content-Type', type);
      c.header('Content-Language', languageOf(c));
      // Old clients read the first name (RFC 6266).
      const names = `filename="${state.id}.${extension}"; ${encodedFileName(reportFileName(state, extension))}`;
      c.header('Content-Disposition', `attachment; ${names}`);
      return c.body(ReadableStream.from(write(manifest.entry.columns, rows)));
    });
  }
}

/** Without it, Excel reads UTF-8 in the code page of its locale. */
const BOM = '\uFEFF';

/** A report as CSV in which spreadsheets execute no formulas. */
export async function* csvReport(
  columns: readonly string[],
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(BOM + csvLine([...columns, ...REPORT_COLUMNS]));
  const atOnce = Math.max(1, Math.floor(CELLS_AT_ONCE / (columns.length + REPORT_COLUMNS.length)));
  for await (const some of rows)
    for (let at = 0; at < some.length; at += atOnce) {
      if (isSliceOver()) await nextSlice();
      const lines = some.slice(at, at + atOnce).map((row) => csvLine(cellsOf(row, columns.length)));
      yield Buffer.from(lines.join(''));
    }
}

/** Cells that are written without a pause, in about 2 ms. */
const CELLS_AT_ONCE = 2000;

function cellsOf({ cells, ...result }: ReportRow, columns: number) {
  const { row, externalId, status, url, code, reason, aiLabel, position, source } = result;
  const own = Array.from({ length: columns }, (_, i) => cells[i] ?? '');
  return [...own, row, externalId, status, url, code, reason, aiLabel, position, source.url];
}

/** A report as NDJSON: `columns` has the caller's own columns by name; the second column with a name is `name 2`. */
export async function* ndjsonReport(
  columns: readonly string[],
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  const names = distinct(columns);
  for await (const some of rows) {
    let lines = '';
    for (const { cells, ...row } of some) {
      if (isSliceOver()) await nextSlice();
      const own = Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
      lines += `${JSON.stringify({ ...row, columns: own })}\n`;
    }
    yield Buffer.from(lines);
  }
}

function distinct(columns: readonly string[]): string[] {
  const used = new Set(columns);
  const times = new Map<string, number>();
  return columns.map((column) => {
    let time = (times.get(column) ?? 0) + 1;
    while (time > 1 && used.has(`${column} ${time}`)) time++;
    times.set(column, time);
    return time === 1 ? column : `${column} ${time}`;
  });
}
