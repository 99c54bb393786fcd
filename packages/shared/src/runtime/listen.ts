import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

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

/** Listens and returns the URL of the server. */
export function listen(server: Server, { host, port, setting }: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(port, setting) : error),
    );
    server.listen({ port, host, backlog: BACKLOG }, () => {
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
    });
  });
}

function portTaken(port: number, setting: string): Error {
  return new Error(`port ${port} is taken: set ${setting} to another one, or to 0 for any that is free`);
}
