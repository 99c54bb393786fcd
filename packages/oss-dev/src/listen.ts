import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from './app.js';

export type Listening = { port: number; stop: () => Promise<void> };

/** A port that is free on the first address may be in use on the second: another one is tried. */
const ANY_PORT_TRIES = [0, 0, 0, 0, 0];

/** Listens on all addresses with the first free one of the ports (`0`: any). Only `::1` may be unavailable. */
export function listen(app: App, addresses: readonly string[], ports: readonly number[]): Promise<Listening> {
  const tries = ports.flatMap((port) => (port === 0 ? ANY_PORT_TRIES : [port]));
  return listenOnFirst(app, addresses, tries);
}

async function listenOnFirst(
  app: App,
  addresses: readonly string[],
  [port = 0, ...others]: readonly number[],
): Promise<Listening> {
  try {
    return await listenOnce(app, addresses, port);
  } catch (error) {
    if (others.length === 0 || codeOf(error) !== 'EADDRINUSE') throw error;
    return listenOnFirst(app, addresses, others);
  }
}

async function listenOnce(app: App, addresses: readonly string[], port: number): Promise<Listening> {
  const servers: Server[] = [];
  const running = new Set<Promise<void>>();
  const stop = async () => {
    await Promise.all(servers.map(close));
    await Promise.all(running);
  };
  let boundPort = port;
  try {
    for (const address of addresses) {
      const server = await open(tracked(app, running), address, boundPort);
      if (!server) continue;
      servers.push(server);
      boundPort = (server.address() as AddressInfo).port;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { port: boundPort, stop };
}

/** Tracks running requests, so that `stop` waits for their disk operations. */
function tracked(app: App, running: Set<Promise<void>>): RequestListener {
  return (message, response) => {
    const run = app(message, response).finally(() => running.delete(run));
    running.add(run);
  };
}

async function open(app: RequestListener, address: string, port: number): Promise<Server | undefined> {
  // OSS keeps idle connections for about a minute; Node's default of 5 s races with clients that reuse them.
  const server = createServer({ keepAliveTimeout: 60_000 }, app);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: address, port }, resolve);
    });
    return server;
  } catch (error) {
    if (address === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error) ?? ''))
      return undefined;
    throw error;
  }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
