import { type ApiErrorFacts, PixdockApiError, type Problem } from '../error.js';
import { readRetryAfter } from './retry.js';

type Language = 'en' | 'zh';

/** The error of an answer that is none of the expected. */
export function problemOf(response: Response, text: string, language: Language): PixdockApiError {
  const wait = { retryAfterSeconds: readRetryAfter(response.headers) };
  const problem = parseProblem(text);
  if (problem !== undefined) return new PixdockApiError({ ...problem, status: response.status, ...wait });
  return unexpected(response, wait, language);
}

/** The JSON of an answer. @throws PixdockApiError `unexpected_answer` */
export function parseJson<T>(response: Response, text: string, language: Language): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw unexpected(response, {}, language);
  }
}

/** What did not come through: refused, reset, unknown host. */
export function unreachable(url: URL, cause: unknown, language: Language): PixdockApiError {
  const why = reasonOf(cause);
  return new PixdockApiError(
    {
      code: 'unreachable',
      status: 0,
      ...(language === 'zh'
        ? { title: '无应答', detail: `${url.origin} 没有应答（${why}）。` }
        : { title: 'No answer', detail: `${url.origin} does not answer (${why}).` }),
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

function unexpected(
  { status, headers, url }: Response,
  wait: Pick<ApiErrorFacts, 'retryAfterSeconds'>,
  language: Language,
): PixdockApiError {
  const type = headers.get('content-type');
  const who = URL.canParse(url) ? new URL(url).origin : undefined;
  const words =
    language === 'zh'
      ? {
          title: '不是 Pixdock 的应答',
          detail: `${who ?? '服务器'} 以 ${status} 和 ${type ?? '无媒体类型'} 作答，这不是 Pixdock 的应答，可能来自它前面的其他服务。`,
        }
      : {
          title: 'Not an answer of Pixdock',
          detail: `${who ?? 'The server'} answered ${status} with ${type ?? 'no media type'}, as Pixdock does not; something before it may have.`,
        };
  return new PixdockApiError({
    code: 'unexpected_answer',
    status,
    ...words,
    retryable: status >= 500,
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
