import { ERROR_TABLE, type ErrorCode, type ErrorFacts } from './error-table.js';
import { type Detail, fixOf, sayDetail, titleOf } from './messages/detail.js';
import type { Language } from './messages/text.js';

/**
 * The one error that Pixdock raises on purpose. The code decides everything anyone acts on (see `ERROR_TABLE`);
 * `detail` says what was wrong this time, and is shown to the caller: never a path, host, bucket or secret.
 */
export class PixdockError extends Error {
  override readonly name = 'PixdockError';

  constructor(
    readonly code: ErrorCode,
    readonly detail: Detail = fixOf(code),
    options?: { cause?: unknown; retryAfterSeconds?: number },
  ) {
    super(
      `${code}: ${sayDetail('en', detail)}`,
      options?.cause === undefined ? undefined : { cause: options.cause },
    );
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }

  readonly retryAfterSeconds: number | undefined;

  get facts(): ErrorFacts {
    return ERROR_TABLE[this.code];
  }
}

/** The body of a problem response and of an image's `error` (RFC 9457), in one language. */
export function toProblem(code: ErrorCode, detail: string, language: Language) {
  const { status, retryable } = ERROR_TABLE[code];
  return { type: `/v1/errors/${code}`, title: titleOf(code, language), status, code, detail, retryable };
}
