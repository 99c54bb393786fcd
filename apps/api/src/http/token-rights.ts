import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { UploadTokenRights } from '../keys/upload-token.js';
import type { ApiContext } from './env.js';

/**
 * Refuses a request with an upload token on a route for keys, or from a page that may not use the token.
 * @throws PixdockError forbidden
 */
export function checkTokenRights(
  c: ApiContext,
  { origins }: UploadTokenRights,
  routeAllowsTokens: boolean,
): void {
  if (!routeAllowsTokens) throw new PixdockError('forbidden', detailOf('token-not-allowed'));
  if (origins === null) return;
  const origin = c.req.header('Origin');
  // Browsers send no Origin with a GET to the origin of the page itself.
  if (origin === undefined && (c.req.method === 'GET' || c.req.method === 'HEAD')) return;
  if (origin === undefined)
    throw new PixdockError('forbidden', detailOf('token-without-origin', { origins }));
  if (!origins.includes(origin))
    throw new PixdockError('forbidden', detailOf('token-origin', { origin, origins }));
}
