import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/**
 * Two connected sockets for children to inherit. A child that reads `end` sees its end once this process and every child
 * that got `hold` has ended.
 */
export async function makeTie(folder) {
  const server = createServer({ pauseOnConnect: true });
  const path = join(folder, `tie-${randomBytes(4).toString('hex')}`);
  const hold = connect(server.listen(path).address());
  const [end] = await once(server, 'connection');
  server.close();
  for (const socket of [hold.pause(), end]) socket.unref();
  return { hold, end };
}
