import { PixdockApiError, type Problem } from '@pixdock/client';
import type { DetailedError } from 'tus-js-client';
import { language } from '../state/preferences.js';
import { apiKey, baseUrl } from '../state/session.js';

interface Options {
  /** What the file becomes: the options of a batch. */
  metadata: Record<string, string>;
  onProgress: (sentBytes: number, totalBytes: number) => void;
  signal: AbortSignal;
}

/** About five minutes without any progress. */
const RETRY_DELAYS = [500, 1000, 2000, 4000, ...Array.from({ length: 35 }, () => 8000)];
const RETRIED = [409, 423, 429];

/**
 * Sends a file that a lost connection, or a closed tab, only interrupts: the same file continues where it was.
 * @returns the id of the batch
 * @throws PixdockApiError, or the reason of the signal
 */
export async function sendResumable(file: File, { metadata, onProgress, signal }: Options): Promise<string> {
  const { Upload } = await import('tus-js-client');
  const { promise, resolve, reject } = withResolvers<string>();
  const upload = new Upload(file, {
    endpoint: new URL('v1/uploads', baseUrl()).href,
    headers: { Authorization: `Bearer ${apiKey.value ?? ''}`, 'Accept-Language': language.value },
    metadata: { resource: 'batch', filename: file.name, ...metadata },
    retryDelays: RETRY_DELAYS,
    removeFingerprintOnSuccess: true,
    // Another choice of columns is another upload.
    fingerprint: async () =>
      ['pixdock', file.name, file.size, file.lastModified, JSON.stringify(metadata)].join(' '),
    onShouldRetry: (error) => {
      const status = statusOf(error);
      return status === 0 || status >= 500 || RETRIED.includes(status);
    },
    onProgress,
    onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('Pixdock-Id') ?? ''),
    onError: (error) => reject(refusalOf(error as DetailedError)),
  });
  signal.addEventListener('abort', () => {
    // The server keeps what it has: the person may come back.
    void upload.abort();
    reject(signal.reason);
  });
  const [previous] = await upload.findPreviousUploads();
  signal.throwIfAborted();
  if (previous !== undefined) upload.resumeFromPreviousUpload(previous);
  upload.start();
  return promise;
}

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
  return new PixdockApiError({ ...none, ...problemIn(error), status });
}

function problemIn({ originalResponse }: DetailedError): Problem | null {
  try {
    return JSON.parse(originalResponse?.getBody() ?? 'null') as Problem | null;
  } catch {
    return null;
  }
}
