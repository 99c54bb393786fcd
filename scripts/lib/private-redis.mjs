import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.mjs';
import { Problem } from './problem.mjs';
import { ask } from './resp.mjs';

const START_MS = 15_000;

/** Prepares a Redis of our own: a free port, a new password, a configuration that only its owner can read. */
export async function preparePrivateRedis({ binary, version }, dataDir) {
  const folder = join(dataDir, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const password = randomBytes(24).toString('base64url');
  const config = join(folder, 'redis.conf');
  writeFileSync(config, redisConfig({ version, port, password, folder }), { mode: 0o600 });
  return { command: [binary, config], port, password, url: `redis://:${password}@127.0.0.1:${port}` };
}

export function redisConfig({ version: [major, minor], port, password, folder }) {
  // A leading "-" (do not mind if that address is missing) is known since 6.2.
  const knowsOptional = major > 6 || minor >= 2;
  return [
    `bind 127.0.0.1${knowsOptional ? ' -::1' : ''}`,
    `port ${port}`,
    'protected-mode yes',
    `requirepass ${password}`,
    'daemonize no',
    `dir ${quote(folder)}`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'aof-load-truncated yes',
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}

const quote = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** Waits until Redis answers a PING; as long as it takes while it says that it is loading its data. */
export async function awaitRedis({ port, password }, signal, onLoading = () => {}) {
  const login = [['AUTH', password], ['PING']];
  let deadline = Date.now() + START_MS;
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    const [, answer = ''] = await ask(port, login).catch(() => []);
    if (answer === '+PONG') return;
    if (answer.startsWith('-LOADING')) {
      deadline = Date.now() + START_MS;
      if (!told) onLoading();
      told = true;
    } else if (Date.now() > deadline)
      throw new Problem(`Redis does not answer on port ${port} (${answer || 'no reply'}).`);
    await sleep(50);
  }
}
