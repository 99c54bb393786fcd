import { itemSchema } from '@pixdock/contract/batch';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { sourceHeadersSchema, sourceUrlSchema } from '@pixdock/contract/source';
import { optionsSchema } from '@pixdock/contract/submission-options';
import { z } from 'zod';
import type { ApiContext } from '../http/env.js';
import { invalid, parseFields } from '../http/invalid.js';
import { requestBody } from './request-body.js';
import type { SubmittedUrl } from './submission.js';

/** Holds the longest URL, headers and options. */
const MAX_JSON_BYTES = 64 * 1024;

const urlSchema = z.strictObject({
  ...optionsSchema.shape,
  url: sourceUrlSchema,
  headers: sourceHeadersSchema.default({}),
} satisfies Record<keyof typeof itemSchema.shape, unknown>);

/** @throws PixdockError invalid_request naming the first invalid field, payload_too_large */
export async function receiveUrl(c: ApiContext): Promise<SubmittedUrl> {
  const body = await readJson(c);
  const { url, headers, ...options } = parseFields(urlSchema, body);
  return { kind: 'url', options, origin: { kind: 'url', url, headers }, warnings: [] };
}

/** @throws PixdockError invalid_request, payload_too_large */
export async function readJson(c: ApiContext, maxBytes = MAX_JSON_BYTES): Promise<unknown> {
  return parseJson(await readBytes(c, maxBytes));
}

/**
 * Returns an empty object for an empty body.
 * @throws PixdockError invalid_request, payload_too_large
 */
export async function readOptionalJson(c: ApiContext): Promise<unknown> {
  const bytes = await readBytes(c);
  return bytes.length === 0 ? {} : parseJson(bytes);
}

/** @throws PixdockError payload_too_large */
export async function readBytes(c: ApiContext, maxBytes = MAX_JSON_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of requestBody(c)) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new PixdockError('payload_too_large', detailOf('json-too-large', { max: maxBytes }));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('body-not-json');
  }
}
