import type { Observed } from './observe.js';
import { codeInXml } from './public-refusal.js';

export interface Failure {
  name: string;
  /** The OSS code; null if the response has none, for example from a proxy. */
  code: string | null;
  status: number | null;
  requestId: string | null;
  ecCode: string | null;
  networkCode: string | null;
  retryAfterMs: number | null;
  /** OSS serves this bucket at another endpoint, so no permission fixes this AccessDenied. */
  wrongEndpoint: boolean;
}

export function describe(thrown: unknown, { status, headers, networkCode }: Observed): Failure {
  const requestId = textOf(thrown, 'requestId') ?? single(headers['x-oss-request-id']);
  const headerCode = codeInHeaders(single(headers['x-oss-err']), single(headers['x-oss-ec']));
  // ali-oss reports every empty 404 as NoSuchKey, even from a proxy.
  const code = headerCode ?? (requestId === null && status === 404 ? null : codeOf(thrown));
  const ecCode = textOf(thrown, 'ecCode') ?? single(headers['x-oss-ec']);
  return {
    name: textOf(thrown, 'name') ?? 'UnknownError',
    code: status === null ? null : ecCode === EC_NOT_OF_STS ? 'InvalidSecurityToken' : code,
    status,
    requestId,
    ecCode,
    networkCode,
    retryAfterMs: readDelay(single(headers['x-oss-qos-delay-time']), single(headers['retry-after'])),
    wrongEndpoint: code === 'AccessDenied' && /specified endpoint/.test(textOf(thrown, 'message') ?? ''),
  };
}

/** InvalidAccessKeyId with a security token: the temporary key has expired, or the key is a permanent one. */
const EC_NOT_OF_STS = '0002-00000002';

/** A HEAD response has no body: its code is in x-oss-err (the error document in base64) or only in the EC. */
function codeInHeaders(ossErr: string | null, ec: string | null): string | null {
  if (ossErr !== null) return codeInXml(Buffer.from(ossErr, 'base64').toString('utf8'));
  return ec === EC_NO_SUCH_BUCKET ? 'NoSuchBucket' : null;
}

const EC_NO_SUCH_BUCKET = '0015-00000101';

function readDelay(qosMs: string | null, retryAfterSeconds: string | null): number | null {
  const ms = qosMs === null ? Number(retryAfterSeconds ?? Number.NaN) * 1000 : Number(qosMs);
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

function single(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null;
}

/** The code is shown to people, so text from a server other than OSS must not get through. */
function codeOf(thrown: unknown): string | null {
  const code = textOf(thrown, 'code') ?? '';
  return /^[A-Za-z0-9.]{1,64}$/.test(code) ? code : null;
}

function textOf(thrown: unknown, field: 'name' | 'code' | 'message' | 'requestId' | 'ecCode'): string | null {
  if (!(thrown instanceof Error) || !(field in thrown)) return null;
  const value: unknown = Reflect.get(thrown, field);
  return typeof value === 'string' && value !== '' ? value : null;
}
