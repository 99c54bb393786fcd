import { PixdockApiError, type Problem } from '@pixdock/client';

/** A request whose upload reports progress, which `fetch` cannot. */
export interface Sending {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Blob | FormData;
  onProgress: (sentBytes: number, totalBytes: number) => void;
  signal: AbortSignal;
}

/**
 * POSTs a body and returns the JSON of the response.
 * @throws PixdockApiError for a refusal or a lost connection; the reason of the signal
 */
export function send<T>({ url, headers, body, onProgress, signal }: Sending): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const settle = (end: () => void) => {
      signal.removeEventListener('abort', abort);
      end();
    };
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded, total));
    request.addEventListener('load', () =>
      settle(() => {
        const response = readJson(request.responseText);
        if (request.status >= 200 && request.status < 300 && response !== null) resolve(response as T);
        else reject(refusalOf(request, response));
      }),
    );
    request.addEventListener('error', () => settle(() => reject(new PixdockApiError(UNREACHABLE))));
    request.addEventListener('abort', () => settle(() => reject(signal.reason)));
    signal.addEventListener('abort', abort, { once: true });
    request.send(body);
  });
}

const UNREACHABLE = {
  code: 'unreachable',
  status: 0,
  title: 'unreachable',
  detail: 'unreachable',
  retryable: true,
} as const;

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refusalOf(request: XMLHttpRequest, response: unknown): PixdockApiError {
  const { status, statusText } = request;
  const none = {
    code: 'unexpected_answer',
    title: String(status),
    detail: `${status} ${statusText}`,
    retryable: status >= 500,
  } as const;
  const retryAfterSeconds = Number(request.getResponseHeader('Retry-After')) || undefined;
  return new PixdockApiError({ ...none, ...(response as Problem | null), status, retryAfterSeconds });
}
