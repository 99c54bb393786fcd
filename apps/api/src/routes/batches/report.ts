import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { fileNameOf } from '@pixdock/contract/batch-name';
import { encodedFileName } from '@pixdock/contract/encoded-file-name';
import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import type { ApiConfig } from '../../config.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { languageOf } from '../../http/language.js';
import { readQuery } from '../../http/query.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { type BatchParts, readBatch, readManifest } from '../../read-batch.js';
import { addedColumns, csvReport, failedReport } from '../../reports/csv-report.js';
import { type ReportRow, reportRows } from '../../reports/rows.js';
import { openWorkbookReport } from '../../reports/workbook/workbook-report.js';
import { batchIdParam, itemFilterOf, itemFilterQuery } from '../parameters.js';
import { refusals } from '../responses.js';
import { serve } from '../serve.js';

const linesLike = (example: string) => ({
  description: 'One line for each item',
  schema: { type: 'string' as const, examples: [example] },
});

/** The files about the rows of a batch. */
const FILES = [
  {
    path: 'report.ndjson',
    operationId: 'readNdjsonReport',
    type: 'application/x-ndjson',
    summary: 'Read the outcome of each row, as NDJSON',
    description:
      'The columns of the input, then row, id, externalId, status, url, code, reason, aiLabel, reusedId, position and source.url. `variants` has the URL of each variant. The response is streamed.',
    response: linesLike(
      '{"source":"https://a.example/1.jpg","row":1,"status":"published","url":"https://…"}\n',
    ),
  },
  {
    path: 'report.csv',
    operationId: 'readCsvReport',
    type: 'text/csv; charset=utf-8',
    summary: 'Read the outcome of each row, as CSV',
    description:
      'The columns of the input, then row, id, externalId, status, url, code, reason, aiLabel, reusedId, position and source.url. A column such as `thumb.url` follows `url` for each further variant, and `pixdock_` precedes a name that your own columns have. The response is streamed.',
    response: linesLike(
      'url,row,id,externalId,status,pixdock_url,thumb.url,code\nhttps://a.example/1.jpg,2,img_…,sku-1,published,https://…,https://…,\n',
    ),
  },
  {
    path: 'report.xlsx',
    operationId: 'readWorkbookReport',
    type: WORKBOOK_TYPE,
    summary: 'Read the outcome of each row, in the Excel workbook',
    description:
      'Only for a batch from an Excel workbook, within a day of its end: the workbook itself, with the columns Pixdock URL, Pixdock status and Pixdock reason added to the sheet (in the language of Accept-Language), and with the faulty cells in red. With `status=failed` the rows that have not failed are hidden, so that an import of the corrected workbook leaves them out. Everything else in it is unchanged. The response is streamed.',
    response: { description: 'The workbook', schema: { type: 'string' as const, format: 'binary' } },
  },
  {
    path: 'failed.csv',
    operationId: 'readFailedRows',
    type: 'text/csv',
    summary: 'Read the rows that failed, to correct and submit them again',
    description:
      'Your own columns in the encoding of your sheet and with its delimiter, then row, reason, fix and position; of JSON, the columns url, externalId, profile and metadata. Submit the corrected file as a batch.',
    response: linesLike('url,sku,row,reason,fix,position\nhttps://a.example/1.jpg,sku-1,2,…,…,1\n'),
  },
] as const;

/** Streams `/report.ndjson`, `/report.csv`, `/report.xlsx` and `/failed.csv`: rows of the batch with their outcome, in order. */
export function reportBatch(
  app: OpenAPIHono<ApiEnv>,
  deps: BatchParts & Parts<'readLimits' | 'config'>,
): void {
  for (const { path, operationId, type, summary, description, response } of FILES) {
    const querySchema = z.strictObject(QUERIES[path]) as FilterSchema;
    const route = createRoute({
      method: 'get',
      path: `/v1/batches/{id}/${path}`,
      operationId,
      tags: ['Batches'],
      summary,
      description,
      security: needs('read'),
      request: { params: batchIdParam, query: querySchema },
      responses: {
        ...refusals,
        200: {
          description: response.description,
          content: { [type]: { schema: response.schema } },
        },
      },
    });
    serve(app, route, async (c) => {
      const query = readQuery(c, querySchema);
      const filter = path === 'failed.csv' ? { status: 'failed' as const } : itemFilterOf(query);
      const isWorkbook = path === 'report.xlsx';
      const state = await readBatch(deps, c.req.param('id'), c.get('owner'));
      const manifest = await readManifest(deps, state.id);
      const language = languageOf(c);
      const rows = reportRows(deps, state, manifest, { language, filter: isWorkbook ? null : filter });
      const { columns, encoding } = manifest.entry;
      const written = await write();
      setPrivateHeaders(c);
      c.header('Content-Type', path === 'failed.csv' ? `${type}; charset=${encoding}` : type);
      c.header('Content-Language', language);
      // Old clients read the first name (RFC 6266).
      const ending = isWorkbook && filter !== null ? 'failed.xlsx' : path;
      const names = `filename="${state.id}.${ending}"; ${encodedFileName(fileNameOf(state, ending))}`;
      c.header('Content-Disposition', `attachment; ${names}`);
      return c.body(ReadableStream.from(written));

      async function write(): Promise<AsyncGenerator<Uint8Array>> {
        if (isWorkbook)
          return openWorkbookReport(state, manifest, rows, { language, hidesOthers: filter !== null });
        if (path === 'report.ndjson') return ndjsonReport(columns, rows);
        if (path === 'failed.csv') return failedReport(manifest.entry, rows);
        return csvReport(columns, addedColumns(columns, variantsOf(manifest, deps.config)), rows);
      }
    });
  }
}

type FilterSchema = z.ZodObject<typeof itemFilterQuery>;

const QUERIES = {
  'report.ndjson': itemFilterQuery,
  'report.csv': itemFilterQuery,
  'report.xlsx': {
    status: z
      .literal('failed')
      .optional()
      .openapi({ description: 'Hides the rows that have not failed', type: 'string', enum: ['failed'] }),
  },
  'failed.csv': {},
};

/** Names of the variants beside `main` that the profiles of a batch make. */
function variantsOf({ profiles }: Manifest, config: Pick<ApiConfig, 'profiles'>): string[] {
  const names = profiles.flatMap((name) => Object.keys(config.profiles.get(name)?.variants ?? {}));
  return [...new Set(names)].filter((name) => name !== 'main');
}

/** A report as NDJSON: `columns` has the caller's own columns by name; the second column with a name is `name 2`. */
export async function* ndjsonReport(
  columns: readonly string[],
  rows: AsyncIterable<ReportRow[]>,
): AsyncGenerator<Uint8Array> {
  const names = distinct(columns);
  for await (const some of rows) {
    let lines = '';
    for (const { cells, fix: _, faultColumn: __, submitted: ___, ...row } of some) {
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
