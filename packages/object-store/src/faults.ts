import type { Observed } from './ali-oss.js';
import { isCertificateFault } from './certificate.js';
import { codeInXml } from './error-code.js';
import { fixFor } from './fixes.js';
import type { FaultFacts, FaultKind, StorageFault } from './types.js';

type Operation = StorageFault['operation'];

/**
 * What a failed call of ali-oss means, by OSS's status first, then its code, then the client's name for it.
 * Keeps nothing of `thrown` but facts: it holds the request with its body.
 */
export function classifyFault(operation: Operation, thrown: unknown, observed: Observed): FaultFacts {
  const seen = look(thrown, observed);
  const [kind, code] = judge(seen);
  return factsOf(kind, code, {
    operation,
    status: seen.status,
    requestId: seen.requestId,
    ecCode: seen.ecCode,
    retryAfterMs: seen.retryAfterMs,
    fix: fixFor(seen.wrongEndpoint ? 'WrongEndpoint' : code, kind, operation),
  });
}

/** Facts of a fault we found ourselves; what is not given is null. */
export function factsOf(
  kind: FaultKind,
  code: string,
  more: Partial<FaultFacts> & { operation?: Operation } = {},
): FaultFacts {
  const { operation = 'put', ...known } = more;
  const none = { status: null, requestId: null, ecCode: null, retryAfterMs: null };
  return { kind, code, ...none, fix: fixFor(code, kind, operation), ...known };
}

interface Seen {
  name: string;
  /** OSS's own code; null when the answer had none, as a proxy's. */
  code: string | null;
  status: number | null;
  requestId: string | null;
  ecCode: string | null;
  networkCode: string | null;
  retryAfterMs: number | null;
  /** OSS serves this bucket at another endpoint: the one AccessDenied that no permission mends. */
  wrongEndpoint: boolean;
}

function look(thrown: unknown, { status, headers, networkCode }: Observed): Seen {
  const requestId = textOf(thrown, 'requestId') ?? single(headers['x-oss-request-id']);
  const told = codeInHeaders(single(headers['x-oss-err']), single(headers['x-oss-ec']));
  // ali-oss calls every empty 404 NoSuchKey, a proxy's as well.
  const code = told ?? (requestId === null && status === 404 ? null : codeOf(thrown));
  return {
    name: textOf(thrown, 'name') ?? 'UnknownError',
    code: status === null ? null : code,
    status,
    requestId,
    ecCode: textOf(thrown, 'ecCode') ?? single(headers['x-oss-ec']),
    networkCode,
    retryAfterMs: delayAsked(single(headers['x-oss-qos-delay-time']), single(headers['retry-after'])),
    wrongEndpoint: code === 'AccessDenied' && /specified endpoint/.test(textOf(thrown, 'message') ?? ''),
  };
}

type Judgement = [FaultKind, code: string];

function judge(seen: Seen): Judgement {
  const { status, code } = seen;
  if (seen.name === 'TypeError') return ['rejected', 'TypeError'];
  if (status === null) return judgeNetwork(seen);
  const named = code ?? `HTTP${status}`;
  if (status === 203 && code === 'CallbackFailed') return ['rejected', code];
  if (status < 300) return ['transient', 'NotFromOss'];
  if (status === 408 || status === 429 || status >= 500) return [judgeBusy(seen, status), named];
  if (status === 413) return ['rejected', named];
  if (code === null) return ['configuration', named];
  if (status === 400) return [judgeBadRequest(code, seen.ecCode), named];
  if (status === 404) return [PERMANENT_404.has(code) ? 'rejected' : 'configuration', named];
  return [PERMANENT.has(status) ? 'rejected' : 'configuration', named];
}

const PERMANENT = new Set([405, 409, 411, 412, 416]);
const PERMANENT_404 = new Set(['NoSuchKey', 'NoSuchUpload']);

function judgeNetwork({ name, networkCode }: Seen): Judgement {
  if (networkCode !== null && isCertificateFault(networkCode)) return ['configuration', networkCode];
  if (networkCode !== null || NETWORK_NAMES.has(name)) return ['transient', networkCode ?? name];
  // Nothing was sent: the client itself refuses to work with these settings.
  return ['configuration', name];
}

const NETWORK_NAMES = new Set([
  'RequestError',
  'ResponseError',
  'ConnectionTimeoutError',
  'SocketAssignTimeoutError',
  'ResponseTimeoutError',
]);

function judgeBusy({ code, retryAfterMs }: Seen, status: number): FaultKind {
  if (status === 501) return 'rejected';
  const isThrottle = status === 429 || /LimitExceeded$|Throttl|SlowDown/.test(code ?? '');
  return isThrottle || (status === 503 && retryAfterMs !== null) ? 'throttled' : 'transient';
}

function judgeBadRequest(code: string, ecCode: string | null): FaultKind {
  if (code === 'RequestTimeout') return 'transient';
  // EC family 0002 is about signatures, whatever the status. Codes not known to be about the object are taken for
  // settings (as PublicEndpointForbidden is), since holding an image is mended and failing it is not.
  return PERMANENT_400.has(code) && ecCode?.startsWith('0002-') !== true ? 'rejected' : 'configuration';
}

const PERMANENT_400 = new Set([
  'InvalidArgument',
  'InvalidDigest',
  'InvalidObjectName',
  'EntityTooLarge',
  'EntityTooSmall',
  'MalformedXML',
]);

/** HEAD has no body: its code comes in x-oss-err (the error document in base64) or only as an EC. */
function codeInHeaders(ossErr: string | null, ec: string | null): string | null {
  if (ossErr !== null) return codeInXml(Buffer.from(ossErr, 'base64').toString('utf8'));
  return ec === EC_NO_SUCH_BUCKET ? 'NoSuchBucket' : null;
}

const EC_NO_SUCH_BUCKET = '0015-00000101';

function delayAsked(qosMs: string | null, retryAfterSeconds: string | null): number | null {
  const ms = qosMs === null ? Number(retryAfterSeconds ?? Number.NaN) * 1000 : Number(qosMs);
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

function single(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null;
}

/** It is shown, so what answers in the place of OSS does not choose the words. */
function codeOf(thrown: unknown): string | null {
  const code = textOf(thrown, 'code') ?? '';
  return /^[A-Za-z0-9.]{1,64}$/.test(code) ? code : null;
}

function textOf(thrown: unknown, field: 'name' | 'code' | 'message' | 'requestId' | 'ecCode'): string | null {
  if (!(thrown instanceof Error) || !(field in thrown)) return null;
  const value: unknown = Reflect.get(thrown, field);
  return typeof value === 'string' && value !== '' ? value : null;
}
