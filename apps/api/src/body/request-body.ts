import { Readable } from 'node:stream';
import type { ApiContext } from '../http/env.js';
import { checkDigests } from './body-digest.js';
import { enforceMinimumRate } from './minimum-rate.js';

/**
 * The chunks of a request body, at the minimum rate or faster, compared with the digests in the request's headers.
 * @throws PixdockError invalid_request for a malformed digest
 */
export const requestBody = (c: ApiContext): AsyncGenerator<Buffer> =>
  checkDigests(c, enforceMinimumRate(bodyOf(c), c.get('minimumRate')));

// Node's stream costs a third less than the web stream around it; in-process requests have only the web stream.
function bodyOf(c: ApiContext): Readable {
  const { incoming, outgoing } = c.env;
  if (incoming !== undefined) {
    // http/server.ts does not send 100 Continue, and HTTP/1.0 does not have it.
    if (incoming.headers.expect !== undefined && incoming.httpVersion === '1.1') outgoing?.writeContinue();
    return incoming;
  }
  const { body } = c.req.raw;
  return body === null ? Readable.from([]) : Readable.fromWeb(body);
}
