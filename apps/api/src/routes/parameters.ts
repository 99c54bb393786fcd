import { z } from '@hono/zod-openapi';
import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { BATCH_ID, EXAMPLE_HEX, IMAGE_ID } from '@pixdock/contract/ids';
import { reason } from '@pixdock/contract/messages/reason';
import { SOURCE_HEADERS } from '@pixdock/contract/source';
import { STATUSES, type Status } from '@pixdock/contract/status';
import { DELETE_AFTER_MAX_SECONDS } from '@pixdock/contract/submission-options';
import type { ItemFilter } from '@pixdock/shared/state/batches/batch-items';
import { invalid } from '../http/invalid.js';
import { WAIT_PARAMETER } from '../http/preferred-wait.js';

// Options of submissions, whose bodies are streamed and have no schema.
const option = { type: 'string' as const };

export const externalIdOption = { ...option, maxLength: 256, description: 'Your own id of the image' };

export const webhookUrlOption = {
  ...option,
  format: 'uri',
  description:
    'Gets the events of this submission. You have a webhook endpoint with the same scheme, host and port, whose secret signs them',
};

export const deleteAfterOption = {
  type: 'integer' as const,
  minimum: 1,
  maximum: DELETE_AFTER_MAX_SECONDS,
  description: 'Seconds from the submission to the deletion of the image, unless it is kept',
};

export const replaceOption = {
  type: 'boolean' as const,
  default: false,
  description: 'Deletes your older images with the same `externalId` once the image is published',
};

/** The options of an image's JSON, alone or as an item of a batch. */
export const itemOptions = {
  externalId: externalIdOption,
  metadata: {
    type: 'object' as const,
    additionalProperties: option,
    description: 'Strings by name, at most 4 KiB as JSON',
  },
  sha256: { ...option, description: 'SHA-256 of the source in hex; other bytes fail' },
  deleteAfterSeconds: deleteAfterOption,
};

/** The members of an image's JSON with a URL, alone or as an item of a batch. */
export const urlOptions = {
  url: { ...option, format: 'uri', description: 'The http or https URL to fetch the image from' },
  headers: {
    type: 'object' as const,
    additionalProperties: option,
    description: `Request headers, sent only to the host and port of \`url\`: ${SOURCE_HEADERS.join(', ')}`,
  },
  ...itemOptions,
};

/**
 * A JSON body with the members of a schema, for a handler that reads it.
 * @param title its name in generated clients
 */
export const jsonBody = (title: string, { shape }: { shape: z.ZodRawShape }) => ({
  required: true,
  ...optionalJsonBody(title, { shape }),
});

export const optionalJsonBody = (title: string, { shape }: { shape: z.ZodRawShape }) => ({
  content: { 'application/json': { schema: z.object(shape).openapi({ title }) } },
});

/** The parameter `{id}` of a path, for ids with a prefix of letters. */
export function idParam({ source }: RegExp) {
  const example = source.replace(/^\^([a-z]+_).*/, `$1${EXAMPLE_HEX}`);
  return z.object({
    id: z.string().openapi({ param: { name: 'id', in: 'path' }, pattern: source, example }),
  });
}

export const imageIdParam = idParam(IMAGE_ID);
export const batchIdParam = idParam(BATCH_ID);

const WAIT = 'Respond once the state is final, or after this many seconds, at most 60';

/** The query of every route that waits; the routes check it themselves. */
export const waitQuery = z.object({
  [WAIT_PARAMETER]: z
    .int()
    .nonnegative()
    .optional()
    .openapi({ description: `${WAIT}. The same as Prefer: wait, for clients that cannot set headers` }),
});

const prefer = z.string().optional().openapi({
  example: 'wait=30',
  description: 'Written wait=30: respond once the state is final, or after 30 seconds; at most 60',
});

/** Headers of a POST that creates a resource. */
export const creationHeaders = z.object({
  'idempotency-key': z.string().max(255).optional().openapi({
    description: 'A repeat with the same key within 24 hours creates nothing and returns the same resource',
  }),
  prefer,
  'content-digest': z
    .string()
    .optional()
    .openapi({
      example: `sha-256=:${'A'.repeat(43)}=:`,
      description: 'SHA-256 or SHA-512 of the body (RFC 9530); another body is refused',
    }),
  'content-md5': z
    .string()
    .optional()
    .openapi({ description: 'MD5 of the body in Base64; another body is refused' }),
});

/** Headers of a POST that may wait. */
export const waitHeaders = z.object({ prefer });

/** Headers of a GET that may wait. */
export const readHeaders = waitHeaders.extend({
  'if-none-match': z
    .string()
    .optional()
    .openapi({ example: '"7"', description: 'The ETag of an earlier response' }),
});

const LIMIT = reason('not-a-page-size');

export const pageQuery = {
  // In a search by name, it contains the first 128 characters of a name.
  cursor: z.string().max(600).optional().openapi({ description: 'The `next` of the page before' }),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(100, LIMIT).default(20),
};

/** The filter of items of a batch. */
export const itemFilterQuery = {
  status: z.enum(STATUSES).optional(),
  code: z
    .enum(ERROR_CODES)
    .optional()
    .openapi({ description: 'Only images that failed with this error code; not together with `status`' }),
};

/** @throws PixdockError invalid_request */
export function itemFilterOf({
  status,
  code,
}: {
  status?: Status | undefined;
  code?: ErrorCode | undefined;
}): ItemFilter | null {
  if (status !== undefined && code !== undefined) throw invalid('status-and-code');
  return status === undefined ? (code === undefined ? null : { code }) : { status };
}

export const wrongCursor = () => invalid('unknown-cursor');

/** Headers of a request for server-sent events. */
export const eventHeaders = z.object({
  'last-event-id': z.string().optional().openapi({ description: 'The id of the last event received' }),
});
