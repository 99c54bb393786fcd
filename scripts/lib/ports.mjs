import { createServer } from 'node:net';

/** The first free port of `preferred`, else any. A port is free when nothing listens on it at either loopback address. */
export async function freePort(preferred = []) {
  for (let index = 0; ; index += 1) {
    const port = await listen('127.0.0.1', preferred[index] ?? 0);
    if (port !== null && (await listen('::1', port)) !== null) return port;
  }
}

/** Listens for a moment. @returns the port, or null when it is taken */
function listen(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 has no listener there.
    server.once('error', ({ code }) =>
      resolve(['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(code) ? port : null),
    );
    server.listen({ host, port, exclusive: true }, () => {
      const { port: found } = server.address();
      server.close(() => resolve(found));
    });
  });
}
