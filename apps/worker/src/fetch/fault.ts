import { type Detail, detailOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { SourceCode, SourceOutcome } from './types.js';

/** Why a source was not fetched. Nothing in it comes from the source but its status: no body, no address, no header. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault';

  constructor(
    readonly code: SourceCode,
    readonly detail: Detail,
    /** Whether another try may end differently. */
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

export function tooLarge(maxBytes: number): SourceFault {
  return new SourceFault('source_too_large', detailOf('source-over-limit', { max: maxBytes }), false);
}

type UnreachableReason =
  | 'source-name-unresolved'
  | 'source-not-connected'
  | 'source-not-http'
  | 'source-cut-off';

/**
 * A fault of the way there, named by the code of the error that met it; `null` where there was none. Faults of this
 * machine, and errors without a code, which are faults in the program, stay what they are.
 */
export function unreachable(reason: UnreachableReason, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  const isOurs = (error !== null && code === null) || MACHINE_CODES.includes(code ?? '');
  if (isOurs || error instanceof SourceFault) return error;
  const detail = detailOf(reason, { cause: code ?? undefined });
  return new SourceFault('source_unreachable', detail, code !== BAD_NAME);
}

/** No name that DNS could know (RFC 1035 2.3.4): an empty label, or one of more than 63 bytes. */
const BAD_NAME = 'EBADNAME';
const MACHINE_CODES = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS'];
