import type { Server } from 'node:http';
import { sleep } from '@pixdock/shared/runtime/clock';

/** Bounds a stop during which new connections keep arriving. */
const ACCEPT_MS = 2000;

/** Accepts no new connections and closes the server when its requests have ended, or after `drainMs`. */
export async function drain(server: Server, drainMs: number): Promise<void> {
  await acceptWaiting(server);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = new AbortController();
  await Promise.race([closed, sleep(drainMs, late.signal).then(() => server.closeAllConnections())]);
  late.abort();
  await closed;
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
