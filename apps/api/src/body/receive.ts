import { Readable, type Writable } from 'node:stream';
import { PixdockError } from '@pixdock/contract/error';
import type { SubmissionOptions } from '@pixdock/contract/image';
import type { ImageFormat } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Profiles } from '@pixdock/contract/profile';
import { checkSource } from '@pixdock/contract/requirements';
import { declaredType } from '@pixdock/shared/state/files/declared-type';
import { openSink, type Received, type Sink, tooLarge } from '@pixdock/shared/state/files/sink';
import type { ApiContext } from '../http/env.js';
import { invalid } from '../http/invalid.js';
import { queryBesideWait } from '../http/preferred-wait.js';
import { checkDigests } from './body-digest.js';
import { ignoredField } from './ignored-field.js';
import { enforceMinimumRate } from './minimum-rate.js';
import { readForm } from './multipart.js';
import { parseFormOptions, parseOptions } from './options.js';
import type { SubmittedBytes } from './submission.js';

export interface BodyLimits {
  maxUploadBytes: number;
  acceptFormats: readonly ImageFormat[];
  profiles: Profiles;
  /** The only profile that an upload token may use. */
  onlyProfile?: string | null;
  /** True for an upload token: the worker that fetches a URL does not know the limits of the token. */
  onlyFiles?: boolean;
}

// Boundaries, part headers and fields around the file; fields are at most 16 × 32 KiB.
const FORM_OVERHEAD_BYTES = 1024 * 1024;

/** Refuses a body by its headers, before any of it is sent. @throws PixdockError forbidden for a URL where only files may come */
export function checkHeaders(c: ApiContext, limits: BodyLimits): BodyKind {
  const kind = bodyKindOf(c);
  if (kind === 'json' && limits.onlyFiles) throw new PixdockError('forbidden', detailOf('token-url'));
  const query = queryBesideWait(c);
  if (kind !== 'raw' && Object.keys(query).length > 0) throw QUERY_BESIDE[kind]();
  const most = limits.maxUploadBytes + (kind === 'form' ? FORM_OVERHEAD_BYTES : 0);
  const length = c.req.header('Content-Length');
  if (length !== undefined && Number(length) > most) throw tooLarge(limits.maxUploadBytes);
  return kind;
}

/** Reserved space in staging. */
interface DiskReservation {
  /** Reserves `bytes` in total. @throws PixdockError staging_full */
  growTo(bytes: number): Promise<void>;
}

/** The destination of a body. */
interface Receiver {
  stream: Writable | null;
  /** Grows as the body arrives. */
  reservation: DiskReservation | null;
}

/**
 * Checks the body of a submission and streams it into `stream`, if there is one.
 * @throws PixdockError for an invalid body; the caller then discards the received bytes
 */
export async function receive(
  c: ApiContext,
  { stream, reservation }: Receiver,
  limits: BodyLimits,
): Promise<SubmittedBytes> {
  const kind = checkHeaders(c, limits);
  // Check the query before the bytes arrive.
  const query = queryOptions(c, limits.onlyProfile);
  const sink = openSink({ stream }, { maxBytes: limits.maxUploadBytes, formats: limits.acceptFormats });
  const chunks = reserving(requestBody(c), reservation);
  const source =
    kind === 'form' ? await receiveForm(c, chunks, sink, limits) : await receiveRaw(c, chunks, sink, query);
  const received = await sink.finish().catch(explainType(c));
  checkSource(received, source.options, limits.profiles);
  return { kind: 'bytes', ...received, ...source };
}

export type BodyKind = 'form' | 'raw' | 'json';

/** The kind of a body by its Content-Type. @throws PixdockError unsupported_media_type */
function bodyKindOf(c: ApiContext): BodyKind {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'multipart/form-data') return 'form';
  if (type === 'application/json') return 'json';
  if (type.startsWith('multipart/'))
    throw new PixdockError('unsupported_media_type', detailOf('upload-type'));
  return 'raw';
}

/**
 * The chunks of a request body, at the minimum rate or faster, compared with the digests in the request's headers.
 * @throws PixdockError invalid_request for a malformed digest
 */
export const requestBody = (c: ApiContext): AsyncGenerator<Buffer> =>
  checkDigests(c, enforceMinimumRate(bodyOf(c), c.get('minimumRate')));

async function* reserving(
  chunks: AsyncIterable<Buffer>,
  reservation: DiskReservation | null,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    await reservation?.growTo(bytes);
    yield chunk;
  }
}

// Node's stream costs a third less than the web stream around it; in-process requests have only the web stream.
function bodyOf(c: ApiContext): Readable {
  const { incoming, outgoing } = c.env;
  if (incoming !== undefined) {
    // http/server.ts does not send 100 Continue, and HTTP/1.0 does not have it.
    if (incoming.headers.expect !== undefined && incoming.httpVersion === '1.1') outgoing?.writeContinue();
    return incoming;
  }
  const { body } = c.req.raw;
  return body === null ? Readable.from([]) : Readable.fromWeb(body);
}

type Source = Omit<SubmittedBytes, 'kind' | keyof Received>;

async function receiveForm(
  c: ApiContext,
  chunks: AsyncIterable<Buffer>,
  sink: Sink,
  { maxUploadBytes, onlyProfile }: BodyLimits,
): Promise<Source> {
  const contentType = c.req.header('Content-Type') ?? '';
  const { fields, ignored, ...file } = await readForm(bounded(chunks, maxUploadBytes), contentType, sink);
  return { ...file, options: parseFormOptions(fields, onlyProfile), warnings: ignored.map(ignoredField) };
}

async function receiveRaw(
  c: ApiContext,
  chunks: AsyncIterable<Buffer>,
  sink: Sink,
  options: SubmissionOptions,
): Promise<Source> {
  const type = declaredType(c.req.header('Content-Type'));
  let bytes = 0;
  let hasZero = false;
  for await (const chunk of chunks) {
    await sink.write(chunk).catch(explainType(c));
    bytes += chunk.length;
    hasZero ||= chunk.includes(0);
  }
  if (type === CURL_TYPE && bytes > 0 && !hasZero)
    throw new PixdockError('unsupported_media_type', detailOf('bytes-removed'));
  return {
    filename: null,
    declaredType: type,
    options,
    warnings: [],
  };
}

/**
 * The type that curl sends for `-d`, which removes zero bytes and line breaks, and for `--data-binary`, which removes nothing.
 * A file without a zero byte is taken for one of `-d`.
 */
const CURL_TYPE = 'application/x-www-form-urlencoded';

// Text under a type for text is probably a mistake about the request rather than about the file.
const explainType = (c: ApiContext) => (error: unknown) => {
  const type = declaredType(c.req.header('Content-Type')) ?? '';
  const isTyped = /^(?:text|application)\//.test(type) && type !== 'application/octet-stream';
  if (isTyped && error instanceof PixdockError && error.detail.reason === 'format-not-accepted')
    throw new PixdockError('unsupported_media_type', detailOf('upload-type'));
  throw error;
};

const QUERY_BESIDE = {
  form: () => invalid('options-beside-form'),
  json: () => invalid('options-beside-json'),
};

/** The options of a raw body. @throws PixdockError invalid_request, forbidden for another profile than that of an upload token */
export function queryOptions(c: ApiContext, onlyProfile: string | null | undefined): SubmissionOptions {
  const fields = new Map<string, string>();
  for (const [name, values] of Object.entries(queryBesideWait(c))) {
    if (values.length > 1) throw invalid('repeated', { parameter: name });
    fields.set(name, values[0] ?? '');
  }
  return parseOptions(fields, onlyProfile);
}

// The sink bounds the file; this bounds the rest of the form, which may be endless too.
async function* bounded(chunks: AsyncIterable<Buffer>, maxUploadBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxUploadBytes + FORM_OVERHEAD_BYTES) throw tooLarge(maxUploadBytes);
    yield chunk;
  }
}
