import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { type BatchParts, openItems, readBatch } from '../../batches.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { languageOf } from '../../http/language.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { csvReport } from '../../reports/csv.js';
import { ndjsonReport } from '../../reports/ndjson.js';
import { reportRows } from '../../reports/rows.js';
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
      const manifest = await openItems(deps, state.id);
      const rows = reportRows(deps, state, manifest, languageOf(c));
      setPrivateHeaders(c);
      c.header('Content-Type', type);
      c.header('Content-Language', languageOf(c));
      c.header('Content-Disposition', `attachment; filename="${state.id}.${extension}"`);
      return c.body(ReadableStream.from(write(manifest.entry.columns, rows)));
    });
  }
}
