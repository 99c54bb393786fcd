/** Whether a request has a body: HTTP/1.1 announces it by one of these headers (RFC 9112 6.3). */
export function hasBody(contentLength: string | undefined, transferEncoding: string | undefined): boolean {
  return (contentLength !== undefined && contentLength !== '0') || transferEncoding !== undefined;
}
