import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { ApiContext } from './env.js';

/** Refuses compressed bodies: without decoding they would fail as corrupt, and limits count the bytes sent. */
export function refuseEncodedBody(c: ApiContext): void {
  const encoding = c.req.header('Content-Encoding');
  if (encoding === undefined || /^\s*(?:identity\s*)?$/i.test(encoding)) return;
  // The accepted coding (RFC 9110 15.5.16).
  c.header('Accept-Encoding', 'identity');
  throw new PixdockError('unsupported_media_type', detailOf('compressed-body'));
}
