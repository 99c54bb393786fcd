import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import { SOURCE_HEADERS } from '@pixdock/shared/contract/source';
import { isSettled, toImage } from '@pixdock/shared/contract/view';
import type { Answer } from '@pixdock/shared/records/idempotency';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ApiDeps } from '../../deps.js';
import { locationOf, setImageHeaders } from '../../http/answer-image.js';
import type { ApiContext, ApiEnv } from '../../http/env.js';
import { etagOf } from '../../http/etag.js';
import { languageOf } from '../../http/language.js';
import { preferredWaitSeconds } from '../../http/prefer.js';
import { problemOf } from '../../http/problem.js';
import { setOwnHeaders } from '../../http/state-headers.js';
import { once } from '../../intake/once.js';
import { imageCreation } from '../../intake/submit.js';
import { bearer, imageContent, problemContent, refusals } from '../schemas.js';

// Bodies are declared without a Zod schema: with one the router would read them whole into memory.
const bytes = { schema: { type: 'string' as const, format: 'binary' } };
const option = { type: 'string' as const };

const route = createRoute({
  method: 'post',
  path: '/v1/images',
  summary: 'Submit an image',
  description:
    'One image as multipart/form-data (`file` and options in any order), its bytes as the body with options in the query, or JSON with the `url` to fetch it from. Its type is known from the bytes, never from name or header.',
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
      profile: z.string().optional().openapi({ description: 'This and the following: for a raw body only' }),
      externalId: z.string().max(256, 'has more than 256 characters').optional(),
      metadata: z.string().optional(),
      sha256: z.string().optional(),
    }),
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object' as const,
            required: ['file'],
            properties: {
              file: { type: 'string' as const, format: 'binary' },
              profile: { ...option, default: 'default' },
              externalId: { ...option, maxLength: 256 },
              metadata: { ...option, description: 'A JSON object of strings, 4 KiB at most' },
              sha256: { ...option, description: 'Hex SHA-256 of the file; another one is refused' },
            },
          },
        },
        'application/json': {
          schema: {
            type: 'object' as const,
            required: ['url'],
            properties: {
              url: { ...option, format: 'uri' },
              headers: {
                type: 'object' as const,
                additionalProperties: option,
                description: `Sent to the address and to no other: ${SOURCE_HEADERS.join(', ')}`,
              },
              profile: { ...option, default: 'default' },
              externalId: { ...option, maxLength: 256 },
              metadata: { type: 'object' as const, additionalProperties: option },
              sha256: { ...option, description: 'Hex SHA-256 of what is served; anything else fails' },
            },
          },
        },
        'application/octet-stream': bytes,
        'image/*': bytes,
      },
    },
  },
  responses: {
    201: { description: 'Published within the time of Prefer: wait', content: imageContent },
    202: { description: 'Accepted; poll Location', content: imageContent },
    400: { description: 'Malformed, empty, unknown profile or field', content: problemContent },
    408: { description: 'The body came too slowly', content: problemContent },
    409: { description: 'A request with this Idempotency-Key is running', content: problemContent },
    413: { description: 'Too large', content: problemContent },
    415: { description: 'Not an accepted image', content: problemContent },
    422: {
      description: 'Wrong digest, reused Idempotency-Key, or failed within Prefer: wait',
      content: problemContent,
    },
    ...refusals,
  },
});

export function createImage(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/images', async (c) => {
    const created = await once(c, deps, imageCreation(c, deps));
    if (created.outcome !== 'made') c.header('Idempotency-Replayed', 'true');
    c.header('Location', locationOf(created.outcome === 'outlived' ? created.id : created.made.id));
    if (created.outcome === 'outlived') return send(c, deps, null, created.answer);
    if (created.outcome === 'repeated')
      return send(c, deps, created.made, created.answer ?? compose(c, created.made));
    const record = await waitIfAsked(c, deps, created.made);
    const answer = compose(c, record);
    await created.remember(answer);
    return send(c, deps, record, answer);
  });
}

async function waitIfAsked(c: ApiContext, deps: ApiDeps, record: ImageRecord): Promise<ImageRecord> {
  const seconds = preferredWaitSeconds(c);
  if (seconds === 0) return record;
  const read = () => deps.records.get(record.id);
  const waited = deps.changes.waitFor(record.id, read, isSettled, seconds * 1000, c.req.raw.signal);
  // It is accepted, also when Redis goes away meanwhile.
  return (await waited.catch(() => null)) ?? record;
}

function compose(c: ApiContext, record: ImageRecord): Answer {
  const language = languageOf(c);
  const image = toImage(record, language);
  if (record.status !== 'failed' || record.error === null)
    return { status: record.status === 'published' ? 201 : 202, body: JSON.stringify(image) };
  const { code, detail } = record.error;
  return { status: 422, body: JSON.stringify(problemOf(c, code, detail, { status: 422, image })), language };
}

const answeredImage = z.union([
  z.object({ image: z.object({ version: z.int() }) }).transform(({ image }) => image.version),
  z.object({ version: z.int() }).transform(({ version }) => version),
]);

function versionIn(body: string): number {
  return answeredImage.parse(JSON.parse(body));
}

async function send(
  c: ApiContext,
  deps: ApiDeps,
  /** Null when it is forgotten. */
  record: ImageRecord | null,
  { status, body, language }: Answer,
): Promise<Response> {
  if (record === null) setOwnHeaders(c);
  else await setImageHeaders(c, deps, record);
  // A remembered answer may be older than the record, and its ETag must be that of the image it holds.
  c.header('ETag', etagOf(versionIn(body)));
  if (status === 202 && (record === null || isSettled(record))) c.header('Retry-After', '1');
  c.header('Content-Type', status >= 400 ? 'application/problem+json' : 'application/json');
  if (language !== undefined) c.header('Content-Language', language);
  return c.body(body, status as ContentfulStatusCode);
}
