import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ERROR_CODES } from '@pixdock/shared/error-table';
import { type BatchState, isBatchSettled, toBatch } from '@pixdock/shared/records/batch-state';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { BATCH_GAP_MS } from '../../batches.js';
import type { ApiDeps } from '../../deps.js';
import { batchLocationOf, setBatchHeaders } from '../../http/answer-batch.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { etagOf } from '../../http/etag.js';
import { languageOf } from '../../http/language.js';
import { preferredWaitSeconds } from '../../http/prefer.js';
import { setOwnHeaders } from '../../http/state-headers.js';
import type { ReceivedBatch } from '../../intake/batch/receive-items.js';
import { once } from '../../intake/once.js';
import { batchCreation, tryBatch } from '../../intake/submit-batch.js';
import { batchContent, bearer, problemContent, refusals } from '../schemas.js';

// Bodies are declared without a Zod schema: with one the router would read them whole into memory.
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
    headers: z.object({
      'idempotency-key': z
        .string()
        .max(255, 'has more than 255 characters')
        .optional()
        .openapi({ description: 'Kept for 24 hours' }),
      prefer: z.string().optional().openapi({ example: 'wait=30', description: 'At most 60 seconds' }),
    }),
    query: z.object({
      profile: z.string().optional().openapi({ description: 'For items that name none' }),
      columns: z.string().optional().openapi({
        description: 'For CSV: which header is which field',
        example: '主图链接:url,编号:externalId',
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
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/batches', async (c) => {
    if (c.req.query('dryRun') === 'true') return c.json(toDryRun(c, await tryBatch(c, deps)), 200);
    const created = await once(c, deps, batchCreation(c, deps));
    if (created.outcome !== 'made') c.header('Idempotency-Replayed', 'true');
    c.header('Location', batchLocationOf(created.outcome === 'outlived' ? created.id : created.made.id));
    if (created.outcome === 'outlived') return send(c, null, created.answer);
    if (created.outcome === 'repeated') return send(c, created.made, created.answer ?? compose(created.made));
    const state = await waitIfAsked(c, deps, created.made);
    const answer = compose(state);
    await created.remember(answer);
    return send(c, state, answer);
  });
}

async function waitIfAsked(c: ApiContext, deps: ApiDeps, state: BatchState): Promise<BatchState> {
  const seconds = preferredWaitSeconds(c);
  if (seconds === 0) return state;
  const read = () => deps.batches.get(state.id);
  const { signal } = c.req.raw;
  const waited = deps.changes.waitFor(state.id, read, isBatchSettled, seconds * 1000, signal, BATCH_GAP_MS);
  // It is accepted, also when Redis goes away meanwhile.
  return (await waited.catch(() => null)) ?? state;
}

function compose(state: BatchState) {
  return { status: isBatchSettled(state) ? 201 : 202, body: JSON.stringify(toBatch(state)) };
}

const versionSchema = z.object({ version: z.int() });

function send(
  c: ApiContext,
  /** Null when it is forgotten. */
  state: BatchState | null,
  { status, body }: { status: number; body: string },
): Response {
  if (state === null) setOwnHeaders(c);
  else setBatchHeaders(c, state);
  // A remembered answer may be older than the state, and its ETag must be that of the batch it holds.
  c.header('ETag', etagOf(versionSchema.parse(JSON.parse(body)).version));
  if (status === 202 && (state === null || isBatchSettled(state))) c.header('Retry-After', '1');
  c.header('Content-Type', 'application/json');
  return c.body(body, status as ContentfulStatusCode);
}

function toDryRun(c: ApiContext, { total, invalid, columns, faults }: ReceivedBatch) {
  const language = languageOf(c);
  return {
    dryRun: true,
    total,
    valid: total - invalid,
    invalid,
    columns,
    faults: faults.map(({ detail, ...fault }) => ({ ...fault, detail: detail[language] })),
  };
}
