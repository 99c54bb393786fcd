import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Language } from '@pixdock/contract/messages/text';
import { inSlicesOf } from '@pixdock/shared/runtime/slices';
import { hasBody } from './has-body.js';
import { refuseMalformed, refuseRepeatedHeader, refuseUnreadable } from './unreadable-request.js';
import { hasRepeatedHeader } from './unrepeatable-headers.js';

const LIMITS = {
  // Headers fit in a few packets. A body may take longer than any fixed time, so its rate is bounded
  // (body/minimum-rate.ts).
  headersTimeout: 15_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 2000,
  // Longer than proxies keep an idle connection (nginx and SLB: 60 s): they do not repeat a POST on a closed connection.
  keepAliveTimeout: 75_000,
  // The listener responds with a problem if Host is missing; the response of Node has no body.
  requireHostHeader: false,
};

/** An idle connection takes about 10 KiB, so all of them take 100 MiB at most. */
const MAX_CONNECTIONS = 10_000;

/**
 * A connection without a byte in either direction is closed after this, for example if the client never reads. Legitimate
 * silences are shorter: 30 s within a body, 60 s of `Prefer: wait`.
 */
const IDLE_MS = 120_000;

type Listener = Parameters<typeof getRequestListener>[0];

export interface ServerOptions {
  /** The owner whose key this `Authorization` has, if any. */
  ownerOf?: (authorization: string | undefined) => string | undefined;
  /** Resolves when the server may begin a request; the server calls the result at its end. */
  enter?: (owner: string | undefined, kind: RequestKind) => Promise<() => void>;
  /** Called for each new connection. */
  onConnection?: () => void;
  idleMs?: number;
  /** Of refusals of requests that the app cannot see. */
  language?: Language;
}

/** A check of a load balancer, or a request that reads the status of one image, or any other. */
export type RequestKind = 'livez' | 'readyz' | 'poll' | 'other';

function kindOf({ method, url = '' }: IncomingMessage): RequestKind {
  if (method !== 'GET') return 'other';
  if (url === '/livez') return 'livez';
  if (url === '/readyz') return 'readyz';
  return /^\/v1\/images\/img_[0-9a-f]{32}(?:\?|$)/.test(url) ? 'poll' : 'other';
}

/** The server in front of the app. It handles malformed requests, unread bodies and Expect: 100-continue. */
export function createHttpServer(
  fetch: Listener,
  { ownerOf, enter, onConnection, idleMs = IDLE_MS, language = 'en' }: ServerOptions = {},
): Server {
  const listener = getRequestListener(fetch, {
    autoCleanupIncoming: false,
    errorHandler: () => refuseMalformed(language),
  });
  const refuseRepeated = getRequestListener(() => refuseRepeatedHeader(language), {
    autoCleanupIncoming: false,
  });
  const inHand = new WeakMap<object, ServerResponse>();
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    inHand.set(request.socket, response);
    // HTTP/1.0 has no Host, and health checks of load balancers use it.
    if (request.httpVersion === '1.0') request.headers.host ??= 'localhost';
    const { headers } = request;
    if (hasBody(headers['content-length'], headers['transfer-encoding'])) drainUnread(request, response);
    void begin(request, response);
  };
  const begin = async (request: IncomingMessage, response: ServerResponse) => {
    const owner = ownerOf?.(request.headers.authorization);
    const leave = await enter?.(owner, kindOf(request));
    if (leave !== undefined) response.once('close', leave);
    // The client has disconnected; the app only notices connections that close later.
    if (request.socket.destroyed) return leave?.();
    const respond = hasRepeatedHeader(request.rawHeaders) ? refuseRepeated : listener;
    await inSlicesOf(owner ?? '', () => respond(request, response));
  };
  const server = createServer(LIMITS, serve);
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = idleMs;
  if (onConnection !== undefined) server.on('connection', onConnection);
  // 100 Continue is sent when the body is read, so a refusal precedes the body.
  server.on('checkContinue', serve);
  const refuse = async (error: Error, socket: Duplex) => {
    const last = inHand.get(socket);
    // The unreadable bytes belong to the body of a request that already has its response.
    if (last?.headersSent && !last.req.complete) {
      socket.destroy();
      return;
    }
    const leave = await enter?.(undefined, 'other');
    refuseUnreadable(error, socket, last, language);
    leave?.();
  };
  server.on('clientError', (error, socket) => void refuse(error, socket));
  return server;
}

// Like nginx's lingering close: a client that sends its whole body before it reads must receive the response, and closing
// with unread bytes would reset the connection.
const LONGEST_MS = 30_000;
const LONGEST_SILENCE_MS = 5000;

/** Discards the rest of a body after the response is sent, for a limited time; then closes the connection. */
function drainUnread(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (request.complete || request.destroyed) return;
    const { socket } = request;
    const close = () => socket.destroySoon();
    const end = setTimeout(close, LONGEST_MS);
    let silence = setTimeout(close, LONGEST_SILENCE_MS);
    request.on('data', () => {
      clearTimeout(silence);
      silence = setTimeout(close, LONGEST_SILENCE_MS);
    });
    // After its response, a request emits no event when the connection closes.
    request.once('end', stop);
    socket.once('close', stop);
    request.resume();
    function stop() {
      clearTimeout(end);
      clearTimeout(silence);
      socket.off('close', stop);
    }
  });
}
