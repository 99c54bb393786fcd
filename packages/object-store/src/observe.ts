import type { ClientRequest, IncomingHttpHeaders } from 'node:http';

/** The HTTP response of one call, which ali-oss does not expose. */
export interface Observed {
  /** Null without a response. */
  status: number | null;
  headers: IncomingHttpHeaders;
  /** Node's code of a network error: ENOTFOUND, ECONNRESET, CERT_HAS_EXPIRED. */
  networkCode: string | null;
}

/** The parts of the HTTP client of ali-oss that are used here. */
export interface Urllib {
  request(url: string, args: UrllibArgs): Promise<unknown>;
  requestWithCallback(
    url: string,
    args: UrllibArgs,
    done: (
      error: (Error & { code?: string }) | null | undefined,
      data: unknown,
      response?: UrllibResponse,
    ) => void,
  ): ClientRequest | undefined;
}

interface UrllibArgs {
  headers: Record<string, string>;
  timeout: readonly number[];
}

interface UrllibResponse {
  status: number;
  headers: IncomingHttpHeaders;
}

/**
 * Wraps the HTTP client of ali-oss, because ali-oss drops response headers and the code of a network error, does not
 * support AbortSignal, and sends a wrong Host header to an IP address.
 */
export function observe(
  urllib: Urllib,
  timeout: readonly number[],
  observed: Observed,
  signal: AbortSignal | undefined,
): Urllib {
  const request = (url: string, args: UrllibArgs) =>
    new Promise<unknown>((resolve, reject) => {
      const { host: _wrongHost, ...headers } = args.headers;
      const sent = urllib.requestWithCallback(url, { ...args, headers, timeout }, (error, data, response) => {
        signal?.removeEventListener('abort', abort);
        if (error) {
          observed.networkCode = error.code ?? null;
          reject(error);
          return;
        }
        observed.status = response?.status ?? null;
        observed.headers = response?.headers ?? {};
        resolve({ ...response, data, res: response });
      });
      const abort = () => {
        reject(signal?.reason);
        sent?.destroy();
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  return { ...urllib, request };
}
