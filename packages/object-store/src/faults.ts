import { isCertificateFault } from './certificate.js';
import { codeInXml } from './error-code.js';
import { fixFor } from './fix-for.js';
import type { Observed } from './observe.js';
import type { FaultFacts, FaultKind, StorageFault } from './types.js';

type Operation = StorageFault['operation'];

/**
 * Classifies a failed ali-oss call by its status, then its OSS code, then the error name of ali-oss.
 * Keeps no reference to `thrown`, which holds the request with its body.
 */
export function classifyFault(operation: Operation, thrown: unknown, observed: Observed): FaultFacts {
  const failure = describe(thrown, observed);
  const [kind, code] = classify(failure);
  return factsOf(kind, code, {
    operation,
    status: failure.status,
    requestId: failure.requestId,
    ecCode: failure.ecCode,
    retryAfterMs: failure.retryAfterMs,
    fix: fixFor(failure.wrongEndpoint ? 'WrongEndpoint' : code, kind, operation),
  });
}

/** Facts of a fault that this package detects itself; omitted facts are null. */
export function factsOf(
  kind: FaultKind,
  code: string,
  more: Partial<FaultFacts> & { operation?: Operation } = {},
): FaultFacts {
  const { operation = 'put', ...known } = more;
  const none = { status: null, requestId: null, ecCode: null, retryAfterMs: null };
  return { kind, code, ...none, fix: fixFor(code, kind, operation), ...known };
}

interface Failure {
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

function describe(thrown: unknown, { status, headers, networkCode }: Observed): Failure {
  const requestId = textOf(thrown, 'requestId') ?? single(headers['x-oss-request-id']);
  const headerCode = codeInHeaders(single(headers['x-oss-err']), single(headers['x-oss-ec']));
  // ali-oss reports every empty 404 as NoSuchKey, even from a proxy.
  const code = headerCode ?? (requestId === null && status === 404 ? null : codeOf(thrown));
  return {
    name: textOf(thrown, 'name') ?? 'UnknownError',
    code: status === null ? null : code,
    status,
    requestId,
    ecCode: textOf(thrown, 'ecCode') ?? single(headers['x-oss-ec']),
    networkCode,
    retryAfterMs: readDelay(single(headers['x-oss-qos-delay-time']), single(headers['retry-after'])),
    wrongEndpoint: code === 'AccessDenied' && /specified endpoint/.test(textOf(thrown, 'message') ?? ''),
  };
}

type Classification = [FaultKind, code: string];

function classify(failure: Failure): Classification {
  const { status, code } = failure;
  if (failure.name === 'TypeError') return ['rejected', 'TypeError'];
  if (status === null) return classifyNetworkError(failure);
  const name = code ?? `HTTP${status}`;
  if (status === 203 && code === 'CallbackFailed') return ['rejected', code];
  if (status < 300) return ['transient', 'NotFromOss'];
  if (status === 408 || status === 429 || status >= 500) return [classifyBusy(failure, status), name];
  if (status === 413) return ['rejected', name];
  if (code === null) return ['configuration', name];
  if (status === 400) return [classifyBadRequest(code, failure.ecCode), name];
  if (status === 404) return [PERMANENT_404.has(code) ? 'rejected' : 'configuration', name];
  return [PERMANENT.has(status) ? 'rejected' : 'configuration', name];
}

const PERMANENT = new Set([405, 409, 411, 412, 416]);
const PERMANENT_404 = new Set(['NoSuchKey', 'NoSuchUpload']);

function classifyNetworkError({ name, networkCode }: Failure): Classification {
  if (networkCode !== null && isCertificateFault(networkCode)) return ['configuration', networkCode];
  if (networkCode !== null || NETWORK_NAMES.has(name)) return ['transient', networkCode ?? name];
  // Nothing was sent: ali-oss itself rejects these settings.
  return ['configuration', name];
}

const NETWORK_NAMES = new Set([
  'RequestError',
  'ResponseError',
  'ConnectionTimeoutError',
  'SocketAssignTimeoutError',
  'ResponseTimeoutError',
]);

function classifyBusy({ code, retryAfterMs }: Failure, status: number): FaultKind {
  if (status === 501) return 'rejected';
  const isThrottle = status === 429 || /LimitExceeded$|Throttl|SlowDown/.test(code ?? '');
  return isThrottle || (status === 503 && retryAfterMs !== null) ? 'throttled' : 'transient';
}

function classifyBadRequest(code: string, ecCode: string | null): FaultKind {
  if (code === 'RequestTimeout') return 'transient';
  // EC 0002-… concerns signatures. Unknown codes count as configuration (PublicEndpointForbidden is one), because a held
  // image can still be published and a failed one cannot.
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
