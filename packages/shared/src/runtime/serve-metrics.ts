import { createServer, type ServerResponse } from 'node:http';
import { type Address, listen } from './listen.js';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';

/** Serves `GET /metrics` without a key, on a separate port; nowhere if the port is null. @throws if the port is taken */
export async function serveMetrics(
  metrics: Metrics,
  { port, ...address }: Omit<Address, 'port'> & { port: number | null },
  log: Logger,
): Promise<{ stop(): void }> {
  if (port === null) return { stop() {} };
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] === '/metrics') void respond(metrics, response);
    else response.writeHead(404).end('see /metrics\n');
  });
  const url = await listen(server, { ...address, port });
  log.info({ url }, 'serving metrics');
  return {
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function respond(metrics: Metrics, response: ServerResponse): Promise<void> {
  try {
    const text = await metrics.text();
    response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text);
  } catch {
    response.writeHead(500).end();
  }
}
