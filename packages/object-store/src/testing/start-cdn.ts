import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';

/** Starts a server that reads a bucket like a CDN with URL signing of type A, from its documentation. */
export async function startCdn(
  oss: Parameters<typeof aliClient>[0],
  { key, ttlSeconds }: { key: string; ttlSeconds: number },
): Promise<AsyncDisposable & { url: string }> {
  const origin = aliClient(oss);
  function isAllowed(path: string, auth: string | null): boolean {
    const [timestamp = '', rand = '', uid = '', digest = '', ...more] = auth?.split('-') ?? [];
    if (!/^\d{10}$/.test(timestamp) || more.length > 0) return false;
    const wanted = createHash('md5').update([path, timestamp, rand, uid, key].join('-')).digest('hex');
    return digest === wanted && Number(timestamp) + ttlSeconds >= Date.now() / 1000;
  }
  async function respond({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(url, 'http://cdn');
    if (!isAllowed(pathname, searchParams.get('auth_key'))) {
      response.writeHead(403).end();
      return;
    }
    const { content, res } = await origin.get(pathname.slice(1));
    const { 'content-type': type, 'cache-control': cache } = res.headers as Record<string, string>;
    response.writeHead(200, { 'content-type': type, 'cache-control': cache }).end(content);
  }
  const server = createServer((request, response) => void respond(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
