import type { Reply } from '../http/reply.js';

/** Not a valid bucket name, so `/__oss-dev/faults` never collides with the path of an object. */
export const CONTROL_BUCKET = '__oss-dev';

export function json(status: number, value: unknown): Reply {
  const body = JSON.stringify(value);
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return { status, headers, body };
}
