import type { ApiContext } from './env.js';

/** Whether the request has a body: HTTP/1.1 announces it by one of these headers (RFC 9112 6.3). */
export function hasBody(c: ApiContext): boolean {
  const length = c.req.header('Content-Length');
  return (length !== undefined && length !== '0') || c.req.header('Transfer-Encoding') !== undefined;
}
