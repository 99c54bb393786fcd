import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ERROR_CODES } from '@pixdock/contract/error-table';
import { sayStoredError } from '@pixdock/shared/state/records/stored-error';
import type { ReceivedBatch } from '../../batch-formats/receive-items.js';
import type { ApiDeps } from '../../deps.js';
import { batchResource } from '../../http/batch-response.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { languageOf } from '../../http/language.js';
import { respondCreated } from '../../http/resource.js';
import { COLUMNS_EXAMPLE } from '../../messages/examples.js';
import { submitBatch, tryBatch } from '../../submit/submit-batch.js';
import { batchContent, bearer, creationHeaders, problemContent, refusals } from '../schemas.js';

// Bodies are declared without a Zod schema; with one, the router would read them whole into memory.
const text = { schema: { type: 'string' as const } };
const bytes = { schema: { type: 'string' as const, format: 'binary' } };

const dryRunSchema = z
  .object({
    dryRun: z.literal(true),
    total: z.int(),
    valid: z.int(),
    invalid: z.int(),
    columns: z.array(z.string()),
    /** The first 100. */
    faults: z.array(
      z.object({
        row: z.int(),
        field: z.string().nullable(),
        code: z.enum(ERROR_CODES),
        detail: z.string(),
      }),
    ),
  })
  .openapi('DryRun');

const route = createRoute({
  method: 'post',
  path: '/v1/batches',
  summary: 'Submit many images',
  description:
    'JSON, NDJSON or CSV with an address in each item, a ZIP archive, or a form with many files: streamed into staging, and accepted once all of it is there. A row that is wrong is an item that failed with `invalid_row`; the others go on.',
  security: bearer,
  request: {
    headers: creationHeaders,
    query: z.object({
      profile: z.string().optional().openapi({ description: 'For items that name none' }),
      columns: z.string().optional().openapi({
        description: 'For CSV: which header is which field',
        example: COLUMNS_EXAMPLE,
      }),
      dryRun: z.enum(['true', 'false']).optional().openapi({ description: 'Checks and creates nothing' }),
    }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object' as const,
            required: ['items'],
            properties: {
              items: {
                type: 'array' as const,
                items: {
                  type: 'object' as const,
                  required: ['url'],
                  properties: { url: { type: 'string' } },
                },
              },
            },
          },
        },
        'application/x-ndjson': text,
        'text/csv': text,
        'application/zip': bytes,
        'multipart/form-data': {
          schema: {
            type: 'object' as const,
            required: ['file'],
            properties: {
              file: { type: 'array' as const, items: { type: 'string' as const, format: 'binary' } },
            },
          },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'With dryRun: what would become of it',
      content: { 'application/json': { schema: dryRunSchema } },
    },
    201: { description: 'Finished within the time of Prefer: wait', content: batchContent },
    202: { description: 'Accepted; poll Location', content: batchContent },
    400: { description: 'Nothing in it, unreadable as a whole, unknown profile', content: problemContent },
    408: { description: 'The body came too slowly', content: problemContent },
    409: { description: 'A request with this Idempotency-Key is running', content: problemContent },
    413: { description: 'Too large, or too many items', content: problemContent },
    415: { description: 'No form that is known', content: problemContent },
    422: { description: 'Reused Idempotency-Key', content: problemContent },
    ...refusals,
  },
});

export function createBatch(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const batches = batchResource(deps);
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/batches', async (c) => {
    if (c.req.query('dryRun') === 'true') return c.json(toDryRun(c, await tryBatch(c, deps)), 200);
    return respondCreated(c, batches, await submitBatch(c, deps));
  });
}

function toDryRun(c: ApiContext, { total, invalid, columns, faults }: ReceivedBatch) {
  const language = languageOf(c);
  return {
    dryRun: true,
    total,
    valid: total - invalid,
    invalid,
    columns,
    faults: faults.map(({ row, field, ...error }) => ({
      row,
      field,
      code: error.code,
      detail: sayStoredError(error, language),
    })),
  };
}
