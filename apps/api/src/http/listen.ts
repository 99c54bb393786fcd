import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from '@pixdock/shared/runtime/clock';

/**
 * Connections that wait to be accepted; the kernel allows net.core.somaxconn (4096) at most. With Node's 511, a burst of
 * thousands drops the SYN of another client, which repeats it after a second.
 */
const BACKLOG = 4096;
/** Bounds a stop during which new connections keep arriving. */
const ACCEPT_MS = 2000;

/** Listens and returns the URL of the server. */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(port) : error),
    );
    server.listen({ port, host, backlog: BACKLOG }, () => {
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
    });
  });
}

function portTaken(port: number): Error {
  return new Error(`port ${port} is taken: set PORT to another one, or to 0 for any that is free`);
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
