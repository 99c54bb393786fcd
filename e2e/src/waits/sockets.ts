import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Connections opened together: fewer than the 511 that may wait to be accepted. */
const OPENED_AT_ONCE = 200;

export interface Sockets {
  /** Sends the same bytes on every connection, as fast as the kernel takes them. */
  send(text: string): void;
  /** Responses received by status. */
  statuses(): Record<string, number>;
  responses(): number;
  destroy(): void;
}

/** Opens many connections and counts the responses that they receive. */
export async function openSockets(url: string, count: number): Promise<Sockets> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  const statuses = new Map<string, number>();
  const open = async () => {
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(chunk.toString('latin1', 0, 16)) ?? [];
      if (status !== undefined) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    await once(socket, 'connect');
  };
  while (sockets.length < count)
    await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, count - sockets.length) }, open));
  return {
    send: (text) => {
      for (const socket of sockets) socket.write(text);
    },
    statuses: () => Object.fromEntries(statuses),
    responses: () => [...statuses.values()].reduce((sum, times) => sum + times, 0),
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
