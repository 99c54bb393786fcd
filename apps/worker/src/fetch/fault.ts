import { type Detail, detailOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { SourceCode, SourceOutcome } from './types.js';

/** Why a source was not fetched. Only the status comes from the source: no body, address or header. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';

  constructor(
    readonly code: SourceCode,
    readonly detail: Detail,
    /** Whether a retry may succeed. */
    readonly again: boolean,
    readonly retryAfterMs: number | null = null,
  ) {
    super(`${code}: ${sayDetail('en', detail)}`);
  }

  get outcome(): SourceOutcome {
    const { code, detail, again, retryAfterMs } = this;
    return again ? { outcome: 'later', code, detail, retryAfterMs } : { outcome: 'failed', code, detail };
  }
}

export function tooLarge(maxBytes: number, bytes?: number): SourceFault {
  return new SourceFault('source_too_large', detailOf('source-over-limit', { max: maxBytes, bytes }), false);
}

type UnreachableReason =
  | 'source-name-unresolved'
  | 'source-not-connected'
  | 'source-not-http'
  | 'source-cut-off';

/**
 * Turns an error of the network into a SourceFault that names its code; `null` for a failure without an error. Faults of this
 * machine, and errors without a code, which are bugs, stay unchanged.
 */
export function unreachable(reason: UnreachableReason, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  const isOurs = (error !== null && code === null) || NO_SOCKET_CODES.includes(code ?? '');
  if (isOurs || error instanceof SourceFault) return error;
  const detail = detailOf(reason, { cause: code ?? undefined });
  return new SourceFault('source_unreachable', detail, code !== BAD_NAME);
}

/** An invalid DNS name (RFC 1035 2.3.4): it has an empty label or a label of more than 63 bytes. */
const BAD_NAME = 'EBADNAME';
/** This machine has no descriptor or memory left for a connection. A firewall of it makes a source unreachable (EACCES, EPERM). */
const NO_SOCKET_CODES = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS'];
