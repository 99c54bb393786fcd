import { PixdockError } from '@pixdock/contract/error';
import type { ImageFormat } from '@pixdock/contract/media-type';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Profiles } from '@pixdock/contract/profile';
import type { SubmissionOptions } from '@pixdock/contract/submission-options';
import { tooLarge } from '@pixdock/shared/state/files/sink';
import type { ApiContext } from '../http/env.js';
import { invalid } from '../http/invalid.js';
import { queryBesideWait } from '../http/preferred-wait.js';
import { MAX_FIELDS_BYTES } from './form-fields.js';
import { queryOptions, type TokenOptions } from './options.js';

export interface BodyLimits {
  maxUploadBytes: number;
  acceptFormats: readonly ImageFormat[];
  profiles: Profiles;
  /** The options of the request's upload token. */
  token?: TokenOptions | null;
}

/** What the headers and the query of an image say about its body; only the options of a raw body are in the query. */
export type BodyHead = { kind: 'form' | 'json'; options: null } | { kind: 'raw'; options: SubmissionOptions };

/** Refuses a body by its headers, before any of it is sent. */
export function checkHeaders(c: ApiContext, { maxUploadBytes, token = null }: BodyLimits): BodyHead {
  refusePartOfFile(c);
  const kind = bodyKindOf(c);
  const query = queryBesideWait(c);
  if (kind !== 'raw' && Object.keys(query).length > 0) throw QUERY_BESIDE[kind]();
  const most = maxUploadBytes + (kind === 'form' ? FORM_OVERHEAD_BYTES : 0);
  const length = c.req.header('Content-Length');
  // JSON is no file, and has a limit of its own.
  if (kind !== 'json' && length !== undefined && Number(length) > most)
    throw tooLarge(maxUploadBytes, Number(length));
  return kind === 'raw' ? { kind, options: queryOptions(query, token) } : { kind, options: null };
}

/** Refuses a part of a file, which would be published as if it were whole. @throws PixdockError invalid_request */
export function refusePartOfFile(c: ApiContext): void {
  const range = c.req.header('Content-Range');
  if (range === undefined) return;
  const [, last, total] = /^\s*bytes\s+0-(\d+)\/(\d+)\s*$/i.exec(range) ?? [];
  if (last === undefined || Number(last) + 1 !== Number(total))
    throw invalid('part-of-file', { sign: `Content-Range: ${range}` });
}

/** The kind of a body by its Content-Type. @throws PixdockError unsupported_media_type */
function bodyKindOf(c: ApiContext): BodyHead['kind'] {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'multipart/form-data') return 'form';
  if (type === 'application/json') return 'json';
  if (type.startsWith('multipart/'))
    throw new PixdockError('unsupported_media_type', detailOf('upload-type'));
  return 'raw';
}

/** What may surround the file: the fields, and as many bytes of boundaries and part headers. */
export const FORM_OVERHEAD_BYTES = 2 * MAX_FIELDS_BYTES;

const QUERY_BESIDE = {
  form: () => invalid('options-beside-form'),
  json: () => invalid('options-beside-json'),
};
