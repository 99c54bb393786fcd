import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { drainUnread } from './drain-unread-body.js';
import { refuseMalformed, refuseRepeatedHeader, refuseUnreadable } from './unreadable-request.js';
import { hasRepeatedHeader } from './unrepeatable-headers.js';

const LIMITS = {
  // A request's headers fit in some packets; a whole body may take longer than any fixed time, so its pace is
  // what is bounded (body/minimum-rate.ts).
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

export interface ServerOptions {
  /** Resolves when the server may begin with a request that has this `Authorization`; the result is called at its end. */
  enter?: (authorization: string | undefined) => Promise<() => void>;
  idleMs?: number;
}

/** The server in front of the app: what the app never sees (unreadable, unread, announced bodies) is settled here. */
export function createHttpServer(fetch: Listener, { enter, idleMs = IDLE_MS }: ServerOptions = {}): Server {
  const listener = getRequestListener(fetch, { autoCleanupIncoming: false, errorHandler: refuseMalformed });
  const refuseRepeated = getRequestListener(refuseRepeatedHeader, { autoCleanupIncoming: false });
  const inHand = new WeakMap<object, ServerResponse>();
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    inHand.set(request.socket, response);
    // HTTP/1.0 knows no Host, and health checks of load balancers speak it.
    if (request.httpVersion === '1.0') request.headers.host ??= 'localhost';
    drainUnread(request, response);
    void begin(request, response);
  };
  const begin = async (request: IncomingMessage, response: ServerResponse) => {
    const leave = await enter?.(request.headers.authorization);
    if (leave !== undefined) response.once('close', leave);
    // The client has left. The app would not notice: it hears only of connections that close from here on.
    if (request.socket.destroyed) return leave?.();
    await (hasRepeatedHeader(request.rawHeaders) ? refuseRepeated : listener)(request, response);
  };
  const server = createServer(LIMITS, serve);
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = idleMs;
  // Whoever reads the body says 100 Continue (body/receive.ts), so a refusal comes before anything is sent.
  server.on('checkContinue', serve);
  const refuse = async (error: Error, socket: Duplex) => {
    const leave = await enter?.(undefined);
    refuseUnreadable(error, socket, inHand.get(socket));
    leave?.();
  };
  server.on('clientError', (error, socket) => void refuse(error, socket));
  return server;
}
