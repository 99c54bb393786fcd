import type { FaultFacts } from './types.js';

/**
 * Whether a failed HEAD may mean that there is no object: without the right to list, OSS answers 403 for a key that does
 * not exist. A 403 without a request id is a proxy's, and one of EC family 0002 is about the signature.
 */
export function mayBeAbsent({ status, code, requestId, ecCode }: FaultFacts): boolean {
  if (status !== 403 || requestId === null || ecCode?.startsWith('0002-') === true) return false;
  return code === 'AccessDenied' || code === 'HTTP403';
}

/** Whether a failed call may have been carried out all the same: its answer was lost, and there was a connection. */
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
