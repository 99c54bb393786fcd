import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { dryRunSchema } from '@pixdock/contract/dry-run';
import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';
import type { ApiDeps } from '../../deps.js';
import { needs } from '../../http/auth.js';
import { batchResource } from '../../http/batch-response.js';
import type { ApiEnv } from '../../http/env.js';
import { respondCreated } from '../../http/resource.js';
import { COLUMNS_EXAMPLE } from '../../messages/examples.js';
import { batchInRequest, tryBatch } from '../../submit/batch.js';
import { submit } from '../../submit/submit.js';
import {
  creationHeaders,
  deleteAfterOption,
  urlOptions,
  waitQuery,
  webhookUrlOption,
} from '../parameters.js';
import { bodyRefusals, json, problem, submittedBatchSchema } from '../responses.js';
import { serve } from '../serve.js';
import { toDryRun } from './dry-run.js';

const text = { schema: { type: 'string' as const } };
const bytes = { schema: { type: 'string' as const, format: 'binary' } };

const route = createRoute({
  method: 'post',
  path: '/v1/batches',
  operationId: 'submitBatch',
  tags: ['Batches'],
  summary: 'Submit many images',
  description:
    'Send JSON, NDJSON or CSV with a URL in each item, an Excel workbook (.xlsx) with URLs or pictures, a ZIP archive, or a form with many files, in parts of any name. The body is streamed into staging and accepted once it is complete. Each invalid row becomes an item that failed with `invalid_row`; all other items are processed.',
  security: needs('submit'),
  request: {
    headers: creationHeaders,
    query: waitQuery.extend({
      profile: z
        .string()
        .optional()
        .openapi({ description: 'Name of the profile for items without their own; default: `default`' }),
      columns: z.string().optional().openapi({
        description: 'CSV and workbooks: the field of each header',
        example: COLUMNS_EXAMPLE,
      }),
      sheet: z
        .string()
        .optional()
        .openapi({ description: 'Workbooks: the name of the sheet; default: the first that is visible' }),
      name: z.string().max(255).optional().openapi({
        description:
          'Name of the batch; default: the file name in Content-Disposition, or that of a workbook in a form',
      }),
      reuse: z.string().optional().openapi({
        description:
          '`url`, `content` or `url,content`: an item becomes the image that you have of the same URL, if its host says that the source has not changed, or of the same bytes. Also as a form field, or as a member of JSON',
        example: 'url',
      }),
      deleteAfterSeconds: z
        .int()
        .optional()
        .openapi({
          description: `${deleteAfterOption.description}; for items that do not set their own`,
        }),
      replace: z.enum(['true', 'false']).optional().openapi({
        description:
          'Deletes images of earlier submissions with the same `externalId` once an item is published; cannot be combined with `reuse`',
      }),
      dryRun: z
        .enum(['true', 'false'])
        .optional()
        .openapi({ description: '`true` checks the rows and creates nothing' }),
      webhookUrl: z.string().optional().openapi({ description: webhookUrlOption.description }),
    }),
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            title: 'BatchForm',
            type: 'object' as const,
            required: ['file'],
            properties: {
              file: { type: 'array' as const, items: { type: 'string' as const, format: 'binary' } },
              reuse: { type: 'string' as const },
            },
          },
        },
        'application/json': {
          schema: {
            title: 'BatchFromUrls',
            type: 'object' as const,
            required: ['items'],
            properties: {
              reuse: { type: 'string' as const },
              items: {
                type: 'array' as const,
                items: {
                  title: 'BatchItem',
                  type: 'object' as const,
                  required: ['url'],
                  properties: {
                    ...urlOptions,
                    profile: { type: 'string' as const, description: 'Default: the profile of the batch' },
                  },
                },
              },
            },
          },
        },
        'application/x-ndjson': text,
        'text/csv': text,
        'application/zip': bytes,
        [WORKBOOK_TYPE]: bytes,
      },
    },
  },
  responses: {
    ...bodyRefusals,
    200: json('With dryRun: the number of valid and invalid items, and the first faults', dryRunSchema),
    201: json('Finished within the time to wait', submittedBatchSchema),
    202: json('Accepted; read Location for the progress', submittedBatchSchema),
    400: problem('The body has no items or cannot be read, or the profile is unknown'),
    409: problem('A request with this Idempotency-Key is running'),
    413: problem('The body is too large, or has too many items'),
    415: problem('The Content-Type is not one of the above, or the body has a Content-Encoding'),
    422: problem('The body does not match its digest, or the Idempotency-Key was used for another request'),
  },
});

export function createBatch(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const resource = batchResource(deps);
  serve(app, route, async (c) => {
    if (c.req.query('dryRun') === 'true') return c.json(toDryRun(c, await tryBatch(c, deps)), 200);
    return respondCreated(c, resource, await submit(c, deps, batchInRequest(c, deps)));
  });
}
