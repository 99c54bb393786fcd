import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import type { ConnectTarget } from './types.js';

/** Connects to an address; the certificate must match the name. `trust` replaces Node's root certificates. */
export function connectSocket(
  target: ConnectTarget,
  signal: AbortSignal,
  trust: Pick<ConnectionOptions, 'ca'> = {},
): Promise<Socket> {
  const { address, port, tlsName } = target;
  return new Promise((resolve, reject) => {
    const socket =
      tlsName === null
        ? tcpConnect({ host: address, port })
        : tlsConnect({
            ...trust,
            host: address,
            port,
            // SNI permits no addresses (RFC 6066 3); the certificate is then checked against `host`.
            servername: isIP(tlsName) === 0 ? tlsName : '',
            ALPNProtocols: ['http/1.1'],
            rejectUnauthorized: true,
          });
    const abort = () => socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    const settled = () => signal.removeEventListener('abort', abort);
    // The listener stays, since the socket may fail after the promise is settled.
    socket.on('error', (error) => {
      settled();
      reject(error);
    });
    socket.once(tlsName === null ? 'connect' : 'secureConnect', () => {
      settled();
      resolve(socket.setNoDelay(true));
    });
  });
}
