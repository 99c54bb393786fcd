import type { FaultFacts } from './types.js';

/**
 * Whether a failed HEAD may mean that the object is missing: without the right to list, OSS responds with 403 for a missing
 * key. A 403 without a request id comes from a proxy, and EC family 0002 is about the signature.
 */
export function mayBeAbsent({ status, code, requestId, ecCode }: FaultFacts): boolean {
  if (status !== 403 || requestId === null || ecCode?.startsWith('0002-') === true) return false;
  return code === 'AccessDenied' || code === 'HTTP403';
}

/** Whether OSS may have completed a failed call: the connection was open, but no response arrived. */
export function mayBeDone({ kind, code }: FaultFacts): boolean {
  return kind === 'transient' && !NEVER_CONNECTED.has(code);
}

const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'ConnectionTimeoutError',
]);

/** Whether a code of OpenSSL or Node means that the certificate of the server is invalid. */
export function isCertificateFault(code: string): boolean {
  return /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_)|SELF_SIGNED_CERT|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$/.test(
    code,
  );
}
