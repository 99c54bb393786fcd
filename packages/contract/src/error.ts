import { ERROR_TABLE, type ErrorCode, type ErrorFacts, type Text } from './error-table.js';

/**
 * The one error that Pixdock raises on purpose. The code decides everything anyone acts on (see `ERROR_TABLE`);
 * `detail` says what was wrong this time, and is shown to the caller: never a path, host, bucket or secret.
 */
export class PixdockError extends Error {
  override readonly name = 'PixdockError';

  constructor(
    readonly code: ErrorCode,
    readonly detail: Text = ERROR_TABLE[code].fix,
    options?: { cause?: unknown; retryAfterSeconds?: number },
  ) {
    super(`${code}: ${detail.en}`, options?.cause === undefined ? undefined : { cause: options.cause });
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }

  readonly retryAfterSeconds: number | undefined;

  get facts(): ErrorFacts {
    return ERROR_TABLE[this.code];
  }
}

export type Language = keyof Text;

/** The body of a problem answer and of an image's `error` (RFC 9457), in one language. */
export function toProblem(code: ErrorCode, detail: Text, language: Language) {
  const facts = ERROR_TABLE[code];
  return {
    type: `/v1/errors/${code}`,
    title: facts.title[language],
    status: facts.status,
    code,
    detail: detail[language],
    retryable: facts.retryable,
  };
}
