import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/**
 * Sends requests on `connections` connections, each the next one as soon as it has its response. A client of Node's own
 * would take more CPU time than the servers it measures.
 * @param requests the bytes of the requests, which take turns
 * @param status the status of each response
 * @returns how many were answered
 */
export async function drive(
  port: number,
  requests: readonly Buffer[],
  { connections, seconds, status }: { connections: number; seconds: number; status: number },
): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const until = performance.now() + seconds * 1000;
  const counts = await Promise.all(
    sockets.map((socket, i) => askUntil(socket, requests.slice(i % requests.length), { until, status })),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function askUntil(
  socket: Socket,
  requests: readonly Buffer[],
  { until, status }: { until: number; status: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let received: Buffer = Buffer.alloc(0);
    const ask = () => socket.write(requests[answered % requests.length] ?? Buffer.alloc(0));
    socket.on('error', reject);
    socket.on('close', () => resolve(answered));
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const head = received.indexOf(END_OF_HEAD);
      if (head === -1) return;
      const text = received.toString('latin1', 0, head);
      if (!text.startsWith(`HTTP/1.1 ${status}`)) {
        socket.destroy(new Error(received.toString('utf8')));
        return;
      }
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (received.length < head + END_OF_HEAD.length + length) return;
      received = Buffer.alloc(0);
      answered++;
      if (performance.now() > until) socket.destroy();
      else ask();
    });
    ask();
  });
}
