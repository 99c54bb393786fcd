import { createServer } from 'node:net';

const REDIS_DEFAULT = 6379;

/** True when nothing listens on the port at either loopback address. */
async function isFree(port) {
  return (await canListen('127.0.0.1', port)) && (await canListen('::1', port));
}

/** The first free one of `preferred`, else any; never Redis' default port, which may be somebody else's tomorrow. */
export async function freePort(preferred = []) {
  for (const port of preferred) if (await isFree(port)) return port;
  for (;;) {
    const port = await anyPort();
    if (port !== REDIS_DEFAULT && (await isFree(port))) return port;
  }
}

async function anyPort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function canListen(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 has nobody listening there.
    server.once('error', (error) => resolve(['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
