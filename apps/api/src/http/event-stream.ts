import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Parts } from '../deps.js';
import type { Keyring } from '../keys/keyring.js';
import type { EventSource, EventStream } from '../streams/event-stream.js';
import type { ApiContext } from './env.js';
import { applyPlainHeaders } from './plain-headers.js';

/**
 * Responds with server-sent events. A stream counts as a wait of its owner. It ends within one comment after its key is revoked.
 * @param start its result must not refer to `c`, which would stay in memory as long as the stream
 * @throws OverLimitError
 */
export async function respondWithEvents(
  c: ApiContext,
  { shares, streams, keyring }: Parts<'shares' | 'streams' | 'keyring'>,
  start: (stream: EventStream) => EventSource,
): Promise<Response> {
  c.header('Content-Type', 'text/event-stream');
  c.header('Cache-Control', 'no-store');
  // nginx would collect events in its buffer.
  c.header('X-Accel-Buffering', 'no');
  // A stream ends after minutes, when its client has no use for the connection.
  c.header('Connection', 'close');
  const head = c.body(null, 200);
  const { outgoing } = c.env;
  if (c.req.method === 'HEAD' || outgoing === undefined) return head;
  const isAllowed = readerCheck(keyring, c.req.header('Authorization'));
  const wait = await shares.acquireWait(c.get('owner'));
  applyPlainHeaders(c);
  streams.events.open(
    outgoing,
    Object.fromEntries(head.headers),
    { isAllowed, release: () => wait.release() },
    start,
  );
  return RESPONSE_ALREADY_SENT;
}

/** Its closure is outside of the request's, which would stay in memory as long as the stream. */
function readerCheck(keyring: Keyring, authorization: string | undefined): () => boolean {
  return () => keyring.find(authorization).caller?.scopes.has('read') === true;
}
