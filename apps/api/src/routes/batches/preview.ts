import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PREVIEW_BYTES, sheetPreviewSchema } from '@pixdock/contract/sheet/preview';
import { batchFormatOf, detectWorkbook } from '../../batch-formats/batch-format.js';
import { countBody } from '../../batch-formats/counted-body.js';
import { previewCsv } from '../../batch-formats/csv.js';
import { refusePartOfFile } from '../../body/check-headers.js';
import { requestBody } from '../../body/request-body.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { invalid } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { bodyRefusals, problemContent } from '../responses.js';

const route = createRoute({
  method: 'post',
  path: '/v1/batches/preview',
  operationId: 'previewSheet',
  tags: ['Batches'],
  summary: 'Read the beginning of a sheet',
  description:
    'Send the first 4 MiB of a CSV file. The response has its columns and first rows as `POST /v1/batches` reads them, so that a person can choose the field of each column. Nothing is checked or created.',
  security: needs('submit'),
  request: { body: { required: true, content: { 'text/csv': { schema: { type: 'string' as const } } } } },
  responses: {
    ...bodyRefusals,
    200: {
      description: 'The header row and the first rows',
      content: { 'application/json': { schema: sheetPreviewSchema } },
    },
    400: { description: 'The body is not CSV, or has no header row', content: problemContent },
  },
});

export function previewBatch(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/batches/preview', async (c) => {
    refusePartOfFile(c);
    const contentType = c.req.header('Content-Type') ?? '';
    if (batchFormatOf(contentType) !== 'csv') throw invalid('preview-without-csv');
    const counted = countBody(requestBody(c), PREVIEW_BYTES, async () => {});
    const { isWorkbook, chunks } = await detectWorkbook(counted.chunks);
    if (isWorkbook) throw invalid('preview-without-csv');
    const body = chunks[Symbol.asyncIterator]();
    const unread = { [Symbol.asyncIterator]: () => ({ next: () => body.next() }) };
    const preview = await previewCsv(unread, contentType);
    // Browsers report a failed request if the response comes before they have sent the body.
    for await (const _ of unread);
    setPrivateHeaders(c);
    return c.json(preview, 200);
  });
}
