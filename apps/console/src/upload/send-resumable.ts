import { PixdockApiError, type Problem } from '@pixdock/client';
import type { DetailedError } from 'tus-js-client';
import { language } from '../state/preferences.js';
import { apiKey, baseUrl } from '../state/session.js';
import type { Resume } from './upload.js';

interface Options {
  /** What the file becomes, and its options. */
  metadata: Record<string, string>;
  /** Files with the same key become one image or batch. */
  idempotencyKey: string | null;
  /** Where the file continues; null to find that in the storage of the browser, also after the tab was closed. */
  resume: Continuation | null;
  onProgress: (sentBytes: number, totalBytes: number) => void;
  signal: AbortSignal;
}

/** The URL of an upload, for a caller that repeats a lost connection itself. */
interface Continuation {
  url: string | null;
  keep(url: string): void;
}

/** Whether the library can be loaded. A server with a newer console does not have the files of an older page. */
export const canResume = (): Promise<boolean> =>
  import('tus-js-client').then(
    () => true,
    () => false,
  );

/** About five minutes without any progress. */
const RETRY_DELAYS = [500, 1000, 2000, 4000, ...Array.from({ length: 35 }, () => 8000)];
/** The connection before still holds the upload. */
const HELD = [409, 423];

/**
 * Sends a file that a lost connection or a pause only interrupts: the same file continues where it was.
 * @returns the id of the image or batch
 * @throws PixdockApiError, or the reason of the signal
 */
export async function sendResumable(file: File, options: Options): Promise<string> {
  const { idempotencyKey, resume, onProgress, signal } = options;
  const { Upload } = await import('tus-js-client');
  signal.throwIfAborted();
  const { promise, resolve, reject } = withResolvers<string>();
  // An abort may come before somebody waits for the result.
  promise.catch(() => {});
  const metadata = { filename: file.name, ...options.metadata };
  const upload = new Upload(file, {
    endpoint: new URL('v1/uploads', baseUrl()).href,
    headers: {
      ...authorizedBy(apiKey.value),
      'Accept-Language': language.value,
      ...(idempotencyKey === null ? {} : { 'Idempotency-Key': `"${idempotencyKey}"` }),
    },
    metadata,
    retryDelays: RETRY_DELAYS,
    removeFingerprintOnSuccess: true,
    storeFingerprintForResuming: resume === null,
    uploadUrl: resume?.url ?? null,
    // Another choice of columns is another upload.
    fingerprint: async () =>
      ['pixdock', file.name, file.size, file.lastModified, JSON.stringify(metadata)].join(' '),
    onShouldRetry: (error) => {
      const status = statusOf(error);
      if (HELD.includes(status)) return true;
      return resume === null && (status === 0 || status >= 500 || status === 429);
    },
    onUploadUrlAvailable() {
      // A proxy may serve the API below a path that the API does not know.
      upload.url = new URL(`v1/uploads/${upload.url?.split('/').at(-1)}`, baseUrl()).href;
      resume?.keep(upload.url);
    },
    onProgress,
    onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('Pixdock-Id') ?? ''),
    onError: (error) => reject(refusalOf(error as DetailedError)),
  });
  const stop = () => {
    // The server keeps what it has: the person may come back.
    void upload.abort();
    reject(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [previous] = resume === null ? await upload.findPreviousUploads() : [];
    signal.throwIfAborted();
    if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
    upload.start();
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Removes an upload from the server, where it would stay for a day; also while the page ends. */
export function removeUpload({ url, apiKey: key }: Resume): void {
  const headers = { ...authorizedBy(key), 'Tus-Resumable': '1.0.0' };
  fetch(url, { method: 'DELETE', headers, keepalive: true }).catch(() => {});
}

const authorizedBy = (key: string | null) => ({ Authorization: `Bearer ${key ?? ''}` });

/** `Promise.withResolvers` is newer than some browsers. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}

const statusOf = ({ originalResponse }: DetailedError) => originalResponse?.getStatus() ?? 0;

function refusalOf(error: DetailedError): PixdockApiError {
  const status = statusOf(error);
  const none = {
    code: 'unreachable',
    title: String(status),
    detail: error.message,
    retryable: true,
  } as const;
  const retryAfterSeconds = Number(error.originalResponse?.getHeader('Retry-After')) || undefined;
  return new PixdockApiError({ ...none, ...problemIn(error), status, retryAfterSeconds });
}

function problemIn({ originalResponse }: DetailedError): Problem | null {
  try {
    return JSON.parse(originalResponse?.getBody() ?? 'null') as Problem | null;
  } catch {
    return null;
  }
}
