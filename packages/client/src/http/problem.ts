import { type ApiErrorFacts, PixdockApiError, type Problem } from '../error.js';
import { readRetryAfter } from './retry.js';

/** The error of an answer that is none of the expected. */
export function problemOf(response: Response, text: string): PixdockApiError {
  const wait = { retryAfterSeconds: readRetryAfter(response.headers) };
  const problem = parseProblem(text);
  if (problem !== undefined) return new PixdockApiError({ ...problem, status: response.status, ...wait });
  return unexpected(response, wait);
}

/** The JSON of an answer. @throws PixdockApiError `unexpected_answer` */
export function parseJson<T>(response: Response, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw unexpected(response, {});
  }
}

/** What did not come through: refused, reset, unknown host. */
export function unreachable(url: URL, cause: unknown): PixdockApiError {
  return new PixdockApiError(
    {
      code: 'unreachable',
      status: 0,
      title: 'No answer',
      detail: `${url.origin} does not answer (${reasonOf(cause)}).`,
      retryable: true,
    },
    { cause },
  );
}

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

function unexpected(response: Response, wait: Pick<ApiErrorFacts, 'retryAfterSeconds'>): PixdockApiError {
  const type = response.headers.get('content-type') ?? 'no media type';
  const who = URL.canParse(response.url) ? new URL(response.url).origin : 'The server';
  return new PixdockApiError({
    code: 'unexpected_answer',
    status: response.status,
    title: 'Not an answer of Pixdock',
    detail: `${who} answered ${response.status} with ${type}, as Pixdock does not; something before it may have.`,
    retryable: response.status >= 500,
    ...wait,
  });
}

// fetch hides why behind "fetch failed", and behind an AggregateError when a name has several addresses.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  // Codes of undici (UND_ERR_SOCKET) say less than its messages.
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UND_';
  return code.startsWith('UND_') ? error.message : code;
}
