import { createServer, type ServerResponse } from 'node:http';
import { type Address, listen } from './listen.js';
import type { Metrics } from './metrics.js';

export interface MetricsServer {
  url: string;
  stop(): void;
}

/** Serves `GET /metrics` without a key, on a separate port. @throws if the port is taken */
export async function serveMetrics(metrics: Metrics, address: Address): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] === '/metrics') void respond(metrics, response);
    else response.writeHead(404).end('see /metrics\n');
  });
  const url = await listen(server, address);
  return {
    url,
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
