import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REDIS } from '../messages/redis.mjs';
import { Problem, say } from './say.mjs';

const START_MS = 15_000;
const STOP_MS = 20_000;
const ANSWER_MS = 2000;

/** Prepares a private Redis: a free port, a new password, a configuration that only its owner can read. */
export async function preparePrivateRedis({ binary }, dataDir) {
  const folder = join(dataDir, 'redis');
  const config = join(folder, 'redis.conf');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await stopLeftRedis(config);
  const port = await freePort();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(config, redisConfig({ port, password, folder }), { mode: 0o600 });
  return { command: [binary, config], port, password, url: `redis://:${password}@127.0.0.1:${port}` };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
}

/** Two servers would destroy each other's data. One is left when the launcher and its run-tied.sh were killed together. */
async function stopLeftRedis(config) {
  const text = existsSync(config) ? readFileSync(config, 'utf8') : '';
  const [, port, password] = /^port (\d+)\n[^]*^requirepass (\S+)$/m.exec(text) ?? [];
  if (port === undefined) return;
  for (const deadline = Date.now() + STOP_MS; ; await sleep(100)) {
    const refused = ({ code }) => [code === 'ECONNREFUSED' ? code : '+OK'];
    const [login] = await ask(Number(port), [['AUTH', password], ['SHUTDOWN']], 1).catch(refused);
    // Nothing listens on the port, or another program does.
    if (login !== '+OK') return;
    if (Date.now() > deadline) throw new Problem(REDIS.leftRunning({ port, config }));
  }
}

function redisConfig({ port, password, folder }) {
  return `bind 127.0.0.1
port ${port}
requirepass ${password}
dir "${folder.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
`;
}

/** Waits until Redis answers a PING; without limit while it says that it loads its data. */
export async function awaitRedis({ port, password }, signal) {
  let deadline = Date.now() + START_MS;
  for (let isLoading = false; ; await sleep(50)) {
    signal?.throwIfAborted();
    const [, answer = ''] = await ask(port, [['AUTH', password], ['PING']]).catch(() => []);
    if (answer === '+PONG') return;
    if (answer.startsWith('-LOADING')) {
      deadline = Date.now() + START_MS;
      if (!isLoading) say(REDIS.loading());
      isLoading = true;
    } else if (Date.now() > deadline) throw new Problem(REDIS.silent({ port, answer }));
  }
}

/**
 * Sends commands, whose words contain no spaces, to a Redis on loopback.
 * @returns the first line of each reply, such as `+PONG` or `-LOADING …`, once there are `count` lines. For commands whose
 * reply is one line.
 * @throws when the server is not there, is silent for two seconds or closes the connection.
 */
export async function ask(port, commands, count = commands.length) {
  const socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8');
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('Redis does not answer')));
  socket.write(commands.map((words) => `${words.join(' ')}\r\n`).join(''));
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    const lines = text.split('\r\n').slice(0, -1);
    if (lines.length >= count) return lines;
  }
  throw new Error('Redis closed the connection');
}
