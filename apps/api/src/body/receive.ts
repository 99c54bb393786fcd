import type { Writable } from 'node:stream';
import { PixdockError } from '@pixdock/contract/error';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import type { SourceFacts } from '@pixdock/contract/requirements';
import { checkSource } from '@pixdock/contract/requirements';
import type { SubmissionOptions } from '@pixdock/contract/submission-options';
import { declaredType } from '@pixdock/shared/state/files/declared-type';
import { SIGNATURE_BYTES } from '@pixdock/shared/state/files/signature';
import { openSink, type Sink, tooLarge } from '@pixdock/shared/state/files/sink';
import type { ApiContext } from '../http/env.js';
import { type BodyHead, type BodyLimits, FORM_OVERHEAD_BYTES } from './check-headers.js';
import { ignoredField } from './ignored-field.js';
import { readForm } from './multipart.js';
import { parseFormOptions } from './options.js';
import { requestBody } from './request-body.js';
import type { SubmittedBytes } from './submission.js';

/** Reserved space in staging. */
export interface BodyReservation {
  /** Reserves `bytes` in total. @throws PixdockError staging_full */
  growTo(bytes: number): Promise<void>;
}

/** The destination of a body. */
interface Receiver {
  stream: Writable | null;
  /** Grows as the body arrives. */
  reservation: BodyReservation | null;
}

/**
 * Checks the file of a submission, in a form or as the body, and streams it into `stream`, if there is one.
 * @throws PixdockError for an invalid body; the caller then discards the received bytes
 */
export async function receiveFile(
  c: ApiContext,
  { options }: BodyHead,
  { stream, reservation }: Receiver,
  limits: BodyLimits,
): Promise<SubmittedBytes> {
  const sink = openSink({ stream }, { maxBytes: limits.maxUploadBytes, formats: limits.acceptFormats });
  const chunks = reserving(requestBody(c), reservation);
  const source =
    options === null
      ? await receiveForm(c, chunks, sink, limits)
      : await receiveRaw(c, chunks, sink, options);
  const received = await sink.finish().catch(explainType(c));
  checkSource(received, source.options, limits.profiles);
  return { kind: 'bytes', ...received, ...source };
}

async function* reserving(
  chunks: AsyncIterable<Buffer>,
  reservation: BodyReservation | null,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    await reservation?.growTo(bytes);
    yield chunk;
  }
}

type BodyContent = Omit<SubmittedBytes, 'kind' | keyof SourceFacts>;

async function receiveForm(
  c: ApiContext,
  chunks: AsyncIterable<Buffer>,
  sink: Sink,
  { maxUploadBytes, token }: BodyLimits,
): Promise<BodyContent> {
  const contentType = c.req.header('Content-Type') ?? '';
  const { fields, ignored, ...file } = await readForm(bounded(chunks, maxUploadBytes), contentType, sink);
  return { ...file, options: parseFormOptions(fields, token), warnings: ignored.map(ignoredField) };
}

async function receiveRaw(
  c: ApiContext,
  chunks: AsyncIterable<Buffer>,
  sink: Sink,
  options: SubmissionOptions,
): Promise<BodyContent> {
  const type = declaredType(c.req.header('Content-Type'));
  let bytes = 0;
  let hasZero = false;
  let head = '';
  for await (const chunk of chunks) {
    if (head.length < SIGNATURE_BYTES) head += chunk.toString('latin1', 0, SIGNATURE_BYTES);
    await sink.write(chunk).catch(explainType(c));
    bytes += chunk.length;
    hasZero ||= chunk.includes(0);
  }
  if (bytes === 0) throw new PixdockError('empty_file', detailOf('body-empty'));
  if (type === CURL_TYPE && !hasZero)
    throw new PixdockError(
      'unsupported_media_type',
      detailOf(URL_AS_FORM.test(head) ? 'url-in-form' : 'bytes-removed'),
    );
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
/** JSON or a field `url`, sent with `-d` and without a type. */
const URL_AS_FORM = /^\s*[{[]|(?:^|&)url=/;

// Text under a type for text is probably a mistake about the request rather than about the file.
const explainType = (c: ApiContext) => (error: unknown) => {
  const type = declaredType(c.req.header('Content-Type')) ?? '';
  const isTyped = /^(?:text|application)\//.test(type) && type !== 'application/octet-stream';
  if (isTyped && error instanceof PixdockError && isUnnamed(error.detail))
    throw new PixdockError('unsupported_media_type', detailOf('upload-type'));
  throw error;
};

const isUnnamed = ({ reason }: Detail) => reason === 'format-not-accepted' || reason === 'text-refused';

// The sink bounds the file; this bounds the rest of the form, which may be endless too.
async function* bounded(chunks: AsyncIterable<Buffer>, maxUploadBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxUploadBytes + FORM_OVERHEAD_BYTES) throw tooLarge(maxUploadBytes);
    yield chunk;
  }
}
