import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Sink {
  endpoint: string;
  bucket: string;
  region: string;
  /** Delays each response, as a distant OSS does. */
  setLatency(ms: number): void;
  totals(): { objects: number; bytes: number; requests: number };
  stop(): Promise<void>;
}

const V4 = /^OSS4-HMAC-SHA256 Credential=[^,]+,.*Signature=[0-9a-f]{64}$/;

/** An OSS that keeps nothing: it requires a V4 header and responds to a put with the MD5 of the body as the ETag. */
export async function startSink(): Promise<Sink> {
  let [objects, bytes, requests] = [0, 0, 0];
  let latencyMs = 0;
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    requests++;
    if (!V4.test(request.headers.authorization ?? '')) {
      request.resume();
      response.writeHead(403).end();
      return;
    }
    const md5 = createHash('md5');
    for await (const chunk of request) {
      md5.update(chunk);
      bytes += (chunk as Buffer).length;
    }
    if (request.method !== 'PUT') {
      response.writeHead(404).end();
      return;
    }
    if (latencyMs > 0) await sleep(latencyMs);
    objects++;
    response.writeHead(200, { etag: `"${md5.digest('hex').toUpperCase()}"`, 'content-length': 0 }).end();
  };
  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'pictures',
    region: 'cn-hangzhou',
    setLatency(ms) {
      latencyMs = ms;
    },
    totals: () => ({ objects, bytes, requests }),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
