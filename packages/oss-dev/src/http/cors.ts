import type { IncomingMessage, ServerResponse } from 'node:http';

/** Lets a page of any origin read the response, as a bucket whose CORS rule allows every origin does. */
export function allowOrigin(message: IncomingMessage, response: ServerResponse): void {
  if (message.headers.origin === undefined) return;
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', 'ETag, x-oss-request-id, x-oss-hash-crc64ecma');
}

/** Whether a browser asks if it may send a request. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}

/** Allows the request that the browser asks for. */
export function replyToPreflight(message: IncomingMessage, response: ServerResponse): void {
  const headers = message.headers['access-control-request-headers'];
  response.setHeader('access-control-allow-methods', 'GET, HEAD, PUT, POST, DELETE');
  if (headers !== undefined) response.setHeader('access-control-allow-headers', headers);
  response.setHeader('access-control-max-age', '600');
  response.end();
}
