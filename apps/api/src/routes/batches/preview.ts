import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';
import { PREVIEW_BYTES, type SheetPreview, sheetPreviewSchema } from '@pixdock/contract/sheet/preview';
import { batchFormatOf, detectWorkbook } from '../../batch-formats/batch-format.js';
import { type CountedBody, countBody } from '../../batch-formats/counted-body.js';
import { previewCsv } from '../../batch-formats/csv.js';
import { previewWorkbook } from '../../batch-formats/workbook/preview.js';
import { receiveArchive } from '../../batch-formats/zip.js';
import { refusePartOfFile } from '../../body/check-headers.js';
import { requestBody } from '../../body/request-body.js';
import type { ApiDeps } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { invalid } from '../../http/invalid.js';
import { readQuery } from '../../http/query.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { declaredBytesOf, newBatchId } from '../../submit/batch.js';
import { bodyRefusals, json, problem } from '../responses.js';
import { serve } from '../serve.js';

const query = z.strictObject({
  sheet: z
    .string()
    .optional()
    .openapi({ description: 'Workbooks: the name of the sheet; default: the first that is visible' }),
});

const route = createRoute({
  method: 'post',
  path: '/v1/batches/preview',
  operationId: 'previewSheet',
  tags: ['Batches'],
  summary: 'Read the beginning of a sheet',
  description:
    'Send the first 4 MiB of a CSV file, or a whole Excel workbook (.xlsx). The response has its columns and first rows as `POST /v1/batches` reads them, so that a person can choose the sheet and the field of each column. Nothing is checked or created.',
  security: needs('submit'),
  request: {
    query,
    body: {
      required: true,
      content: {
        'text/csv': { schema: { type: 'string' as const } },
        [WORKBOOK_TYPE]: {
          schema: { type: 'string' as const, format: 'binary' },
        },
      },
    },
  },
  responses: {
    ...bodyRefusals,
    200: json('The header row and the first rows', sheetPreviewSchema),
    400: problem('The body is neither CSV nor a workbook, or has no header row'),
  },
});

export function previewBatch(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  serve(app, route, async (c) => {
    refusePartOfFile(c);
    const { sheet = null } = readQuery(c, query);
    const contentType = c.req.header('Content-Type') ?? '';
    const format = batchFormatOf(contentType);
    if (format !== 'csv' && format !== 'workbook') throw invalid('preview-without-sheet');
    const { isWorkbook, chunks } = await detectWorkbook(requestBody(c));
    if (!isWorkbook && format !== 'csv') throw invalid('preview-without-sheet');
    if (!isWorkbook && sheet !== null) throw invalid('sheet-without-workbook');
    const preview = isWorkbook
      ? await previewOfWorkbook(c, deps, chunks, sheet)
      : await previewOfCsv(chunks, contentType);
    setPrivateHeaders(c);
    return c.json(preview, 200);
  });
}

async function previewOfCsv(chunks: AsyncIterable<Buffer>, contentType: string): Promise<SheetPreview> {
  const body = countBody(chunks, PREVIEW_BYTES, async () => {}).chunks[Symbol.asyncIterator]();
  const unread = { [Symbol.asyncIterator]: () => ({ next: () => body.next() }) };
  const preview = await previewCsv(unread, contentType);
  // Browsers report a failed request if the response comes before they have sent the body.
  for await (const _ of unread);
  return preview;
}

/** Stages the workbook, and removes it at the end. */
async function previewOfWorkbook(
  c: ApiContext,
  { backlog, diskQuota, staging, config }: ApiDeps,
  chunks: AsyncIterable<Buffer>,
  sheet: string | null,
): Promise<SheetPreview> {
  const id = newBatchId();
  await backlog.expectRedis();
  const space = { declaredBytes: declaredBytesOf(c), firstBytes: 0 };
  using reservation = await diskQuota.reserve({ id, owner: c.get('owner'), ...space });
  await using arrival = await staging.batches.openArrival(id);
  const grow = () => reservation.growTo(body.bytes());
  const body: CountedBody = countBody(chunks, config.maxBatchBytes, grow);
  await receiveArchive(body.chunks, null, arrival.archive);
  return await previewWorkbook(arrival.archive, { sheet, maxEntryBytes: config.maxUploadBytes });
}
