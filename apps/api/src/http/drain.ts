import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { sleep } from '@pixdock/shared/runtime/clock';

/** Bounds a stop during which new connections keep arriving. */
const ACCEPT_MS = 2000;
/** The time in which a new connection sends its request. */
const UNUSED_MS = 1000;
/** How often connections are closed whose last response ended during the stop. */
const CLOSE_IDLE_EVERY_MS = 200;

/**
 * Prepares the end of a server that does not listen yet. The result accepts no new connections and closes the server when its
 * requests have ended, or after `drainMs`.
 */
export function openDrain(server: Server): (drainMs: number) => Promise<void> {
  /** Connections without a request so far. Node 24 takes them for busy, and would wait for them without end. */
  const unused = new Set<Socket>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  const noteUse = ({ socket }: IncomingMessage) => unused.delete(socket);
  server.on('request', noteUse);
  server.on('checkContinue', noteUse);

  return async (drainMs) => {
    await acceptWaiting(server);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // Node closes a connection that becomes idle later only after its keep-alive timeout.
    const closingIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    const closingUnused = setTimeout(() => {
      for (const socket of unused) socket.destroy();
    }, UNUSED_MS);
    const late = new AbortController();
    await Promise.race([closed, sleep(drainMs, late.signal).then(() => server.closeAllConnections())]);
    late.abort();
    clearInterval(closingIdle);
    clearTimeout(closingUnused);
    await closed;
  };
}

/** Accepts the connections that wait in the backlog: closing the listener would reset them. */
async function acceptWaiting(server: Server): Promise<void> {
  let hasAccepted = true;
  const note = () => {
    hasAccepted = true;
  };
  server.on('connection', note);
  for (const until = performance.now() + ACCEPT_MS; hasAccepted && performance.now() < until; ) {
    hasAccepted = false;
    // libuv accepts one or all of the waiting connections in a turn of the event loop, depending on its version.
    await new Promise((resolve) => setImmediate(resolve));
  }
  server.off('connection', note);
}
