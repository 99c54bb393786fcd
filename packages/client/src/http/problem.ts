import type { Language } from '@pixdock/contract/messages/text';
import { type ApiErrorFacts, PixdockApiError, type Problem } from '../error.js';
import { say } from '../messages/api.js';
import { readRetryAfter } from './retry.js';

/** The error for an unsuccessful response. */
export function problemOf(response: Response, text: string, language: Language): PixdockApiError {
  const wait = { retryAfterSeconds: readRetryAfter(response.headers) };
  const problem = parseProblem(text);
  if (problem !== undefined) return new PixdockApiError({ ...problem, status: response.status, ...wait });
  return unexpected(response, wait, language);
}

/** Parses the JSON of a response. @throws PixdockApiError `unexpected_answer` */
export function parseJson<T>(response: Response, text: string, language: Language): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw unexpected(response, {}, language);
  }
}

/** The error for a failed connection: refused, reset, unknown host. */
export function unreachable(url: URL, cause: unknown, language: Language): PixdockApiError {
  const reason = reasonOf(cause);
  const isUntrusted = UNTRUSTED.test(reason);
  return new PixdockApiError(
    {
      code: 'unreachable',
      status: 0,
      title: say(language, 'unreachable'),
      detail: say(language, isUntrusted ? 'untrusted.detail' : 'unreachable.detail', {
        origin: url.origin,
        reason,
      }),
      retryable: !isUntrusted,
    },
    { cause },
  );
}

/** Codes of Node for a certificate without a known issuer. */
const UNTRUSTED = /SELF_SIGNED_CERT|^UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)/;

function parseProblem(text: string): Pick<ApiErrorFacts, keyof Problem & keyof ApiErrorFacts> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const problem = value as Partial<Problem> | null;
    return typeof problem?.code === 'string' && typeof problem.detail === 'string'
      ? {
          ...(problem as Problem),
          title: problem.title ?? problem.code,
          retryable: problem.retryable ?? false,
        }
      : undefined;
  } catch {
    return undefined;
  }
}

function unexpected(
  { status, headers, url }: Response,
  wait: Pick<ApiErrorFacts, 'retryAfterSeconds'>,
  language: Language,
): PixdockApiError {
  const mediaType = headers.get('content-type');
  const origin = URL.canParse(url) ? new URL(url).origin : undefined;
  return new PixdockApiError({
    code: 'unexpected_answer',
    status,
    title: say(language, 'unexpected-response'),
    detail: say(language, 'unexpected-response.detail', { origin, status, mediaType }),
    retryable: status >= 500,
    ...wait,
  });
}

// fetch hides the reason in the cause of "fetch failed", and in an AggregateError if a name has several addresses.
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  // The messages of undici say more than its codes (UND_ERR_SOCKET).
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UND_';
  return code.startsWith('UND_') ? error.message : code;
}
