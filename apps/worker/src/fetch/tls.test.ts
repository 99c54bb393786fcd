import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { certificate } from './testing/certificate.js';
import { openFetching } from './testing/fetching.js';

let server: Server;
let port: number;
/** The SNI of each request. */
const named: (string | false | null)[] = [];

beforeAll(async () => {
  server = createServer(certificate, (request, response) => {
    named.push((request.socket as TLSSocket).servername ?? null);
    response.end('a cat');
  });
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function fetchFrom(host: string, ca?: string) {
  const bare = host.replace(/\.$/, '');
  return openFetching({
    allow: [`${bare}:${port}`],
    names: { [bare]: ['127.0.0.1'] },
    ...(ca === undefined ? {} : { ca }),
  }).fetch(`https://${host}:${port}/`);
}

it.each(['img.shop.com', 'img.shop.com.'])('asks for the certificate of %s at the address', async (host) => {
  expect(await fetchFrom(host, certificate.cert)).toMatchObject({ outcome: 'fetched', text: 'a cat' });
  expect(named.pop()).toBe('img.shop.com');
});

it('asks for the certificate of an address without SNI', async () => {
  expect(await fetchFrom('127.0.0.1', certificate.cert)).toMatchObject({ outcome: 'fetched' });
  expect(named.pop()).toBe(false);
});

it('takes no certificate of the address for that of a name', async () => {
  const ended = await fetchFrom('other.shop.com', certificate.cert);
  expect(ended).toMatchObject({ outcome: 'later', code: 'source_unreachable' });
  expect(JSON.stringify(ended)).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(named).toEqual([]);
});

it('refuses a self-signed certificate', async () => {
  const ended = await fetchFrom('img.shop.com');
  expect(ended).toMatchObject({ outcome: 'later', code: 'source_unreachable' });
  expect(JSON.stringify(ended)).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(named).toEqual([]);
});

it('gives up a handshake without a reply, and the connection with it', async () => {
  const mute = createTcpServer((socket) => socket.resume());
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  const host = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const ended = await openFetching({ allow: [host], limits: { connectMs: 50 } }).fetch(`https://${host}/`);
  expect(ended).toMatchObject({ outcome: 'later', code: 'source_timeout' });
  // Waits for the connections that are open.
  await new Promise((resolve) => mute.close(resolve));
});
