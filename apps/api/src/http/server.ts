import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { refuseUnreadable, unreadable } from './bad-request.js';
import { drainUnread } from './drain.js';

const LIMITS = {
  // A request's headers fit in some packets; a whole body may take longer than any fixed time, so its pace is
  // what is bounded (intake/paced.ts).
  headersTimeout: 15_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 2000,
  // Longer than proxies keep an idle connection (nginx and SLB: 60 s): they do not repeat a POST that meets its end.
  keepAliveTimeout: 75_000,
  // Without a Host the listener refuses in our words; Node's own answer has no body.
  requireHostHeader: false,
};

/** About 10 KiB each while idle, so 100 MiB at most. */
const MAX_CONNECTIONS = 10_000;

/**
 * Of no byte either way, as of a client that never reads its answers. Above every silence that is right: 30 s within a
 * body, 60 s of `Prefer: wait`.
 */
const IDLE_MS = 120_000;

type Listener = Parameters<typeof getRequestListener>[0];

/** The server in front of the app: what the app never sees (unreadable, unread, announced bodies) is settled here. */
export function createHttpServer(fetch: Listener, idleMs = IDLE_MS): Server {
  const listener = getRequestListener(fetch, { autoCleanupIncoming: false, errorHandler: unreadable });
  const inHand = new WeakMap<object, ServerResponse>();
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    inHand.set(request.socket, response);
    // HTTP/1.0 knows no Host, and health checks of load balancers speak it.
    if (request.httpVersion === '1.0') request.headers.host ??= 'localhost';
    drainUnread(request, response);
    void listener(request, response);
  };
  const server = createServer(LIMITS, serve);
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = idleMs;
  // Whoever reads the body says 100 Continue (intake/receive.ts), so a refusal comes before anything is sent.
  server.on('checkContinue', serve);
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket, inHand.get(socket)));
  return server;
}
