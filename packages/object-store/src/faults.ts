import { describe, type Failure } from './describe-failure.js';
import { fixFor } from './fix-for.js';
import { isCertificateFault } from './judge-facts.js';
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
    fix: fixFor(causeOf(failure) ?? code, kind, operation),
  });
}

/** What is known beyond the code. */
function causeOf({ wrongEndpoint, ecCode }: Failure): string | null {
  if (wrongEndpoint) return 'WrongEndpoint';
  return ecCode === WRONG_REGION ? 'WrongRegion' : null;
}

/** "Invalid signing region in Authorization header", with the code InvalidArgument. */
const WRONG_REGION = '0002-00000226';

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
