import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('run-tied.sh', import.meta.url));

/**
 * Spawns a command in its own process group, through run-tied.sh: the group does not outlive this process.
 * @param signal goes to the group when the child's stdin closes; SIGKILL follows `seconds` later
 */
export function spawnTied([command, ...args], { signal, seconds }, options) {
  const words = [SCRIPT, signal, String(seconds), command, ...args];
  const child = spawn('/bin/sh', words, { ...options, detached: true });
  child.stdin?.on('error', () => {});
  child.once('exit', () => killGroup(child));
  return child;
}

export function killGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left of the group.
  }
}

/**
 * Two sockets for children to inherit, connected through a path that is free again afterwards. A child that reads `end` sees
 * its end once this process and every child that got `hold` has ended.
 */
export async function makeTie(path) {
  const server = createServer({ pauseOnConnect: true });
  const hold = connect(server.listen(path).address());
  const [end] = await once(server, 'connection');
  server.close();
  for (const socket of [hold.pause(), end]) socket.unref();
  return { hold, end };
}
