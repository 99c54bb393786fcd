import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from './messages/start.js';
import { StartFault } from './start-fault.js';

/**
 * Connections that wait to be accepted; the kernel allows net.core.somaxconn (4096) at most. With Node's 511, a burst of
 * thousands drops the SYN of another client, which repeats it after a second.
 */
const BACKLOG = 4096;

export interface Address {
  host: string;
  /** 0: any free port. */
  port: number;
  /** The setting to change if the port is taken. */
  setting: string;
}

/** Listens and returns the URL of the server. @throws StartFault if the port or the address cannot be had */
export function listen(server: Server, address: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, address)));
    const { host, port } = address;
    server.listen({ port, host, backlog: BACKLOG }, () => {
      const { address: own, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${own}]` : own}:${bound}`);
    });
  });
}

function explain(error: NodeJS.ErrnoException, { host, port, setting }: Address): Error {
  const { code = '' } = error;
  if (code === 'EADDRINUSE')
    return new StartFault(setting, text('port-taken', { port }), text('port-taken.fix'));
  if (code === 'EACCES')
    return new StartFault(setting, text('port-privileged', { port }), text('port-privileged.fix'));
  if (!NOT_OWN.includes(code)) return error;
  return new StartFault('HOST', text('not-own-address', { host, code }), text('not-own-address.fix'));
}

const NOT_OWN = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL', 'EAFNOSUPPORT'];
