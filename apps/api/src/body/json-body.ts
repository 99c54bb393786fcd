import { isUtf8 } from 'node:buffer';
import { itemSchema } from '@pixdock/contract/batch';
import { PixdockError } from '@pixdock/contract/error';
import { UPLOAD_ID } from '@pixdock/contract/ids';
import { detailOf } from '@pixdock/contract/messages/detail';
import { reason } from '@pixdock/contract/messages/reason';
import { sourceHeadersSchema, sourceUrlSchema } from '@pixdock/contract/source';
import { optionsSchema } from '@pixdock/contract/submission-options';
import { asError } from '@pixdock/shared/runtime/as-error';
import { z } from 'zod';
import type { ApiContext } from '../http/env.js';
import { invalid, parseFields } from '../http/invalid.js';
import { checkReplace, type TokenOptions, withTokenOptions } from './options.js';
import { requestBody } from './request-body.js';
import type { SubmittedDirect, SubmittedUrl } from './submission.js';

/** Holds the longest URL, headers and options. */
const MAX_JSON_BYTES = 64 * 1024;

const urlSchema = z.strictObject({
  ...optionsSchema.shape,
  url: sourceUrlSchema,
  headers: sourceHeadersSchema.default({}),
} satisfies Record<keyof typeof itemSchema.shape, unknown>);

const directSchema = z.strictObject({
  ...optionsSchema.shape,
  upload: z.string().regex(UPLOAD_ID, reason('not-an-upload-id')),
});

/**
 * Reads the JSON of an image: the URL to fetch it from, or the direct upload that has it.
 * @throws PixdockError invalid_request naming the first invalid field, payload_too_large; forbidden for a URL with an upload token
 */
export async function receiveJson(
  c: ApiContext,
  token: TokenOptions | null,
): Promise<SubmittedUrl | SubmittedDirect> {
  const body = parseJson(await readBytes(c, MAX_JSON_BYTES, 'image-json-too-large'));
  refuseOtherForms(body);
  if (Object.hasOwn(Object(body), 'upload')) {
    const given = token === null ? body : withTokenOptions(body, token);
    const { upload, ...options } = checkReplace(parseFields(directSchema, given));
    return { kind: 'direct', options, upload, filename: null, warnings: [] };
  }
  // The worker that fetches a URL does not know the limits of a token.
  if (token !== null) throw new PixdockError('forbidden', detailOf('token-url'));
  const { url, headers, ...options } = checkReplace(parseFields(urlSchema, body));
  return { kind: 'url', options, origin: { kind: 'url', url, headers }, warnings: [] };
}

/** Members that other services have for an image in Base64. */
const IMAGE_MEMBER = /^(?:image|img|file|photo|picture|data|content|bytes|base64|b64)/i;
const BASE64 = /^(?:\s*data:|[A-Za-z0-9+/_-]{8,}={0,2}\s*$)/;

/** Refuses several URLs, and an image in Base64. @throws PixdockError invalid_request */
function refuseOtherForms(body: unknown): void {
  if (Array.isArray(body)) throw invalid('several-urls');
  for (const [field, value] of Object.entries(body ?? {})) {
    if (Array.isArray(value) && /^(?:items|urls?|images?)$/i.test(field)) throw invalid('several-urls');
    if (typeof value === 'string' && IMAGE_MEMBER.test(field) && BASE64.test(value))
      throw invalid('base64-image', { field });
  }
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
export async function readBytes(
  c: ApiContext,
  maxBytes = MAX_JSON_BYTES,
  tooLarge: 'json-too-large' | 'image-json-too-large' = 'json-too-large',
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of requestBody(c)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new PixdockError('payload_too_large', detailOf(tooLarge, { max: maxBytes }));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw invalid('body-not-json');
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformedJson(text, asError(error).message);
  }
}

/** V8 names the first wrong character of a value, and the position of any other. */
function malformedJson(text: string, message: string): PixdockError {
  const [, token] = /^Unexpected token '(.+?)',/su.exec(message) ?? [];
  if (token !== undefined) return invalid('json-malformed', { found: token });
  const position = Number(/ at position (\d+)/.exec(message)?.[1] ?? text.length);
  const found = text[position];
  return found === undefined
    ? invalid('json-incomplete')
    : invalid('json-malformed', { found, at: position + 1 });
}
