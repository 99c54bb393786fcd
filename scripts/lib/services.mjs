import { join } from 'node:path';
import { localOssEnvironment } from './oss-settings.mjs';
import { awaitRedis } from './private-redis.mjs';
import { say } from './say.mjs';
import { open, readyMessage, spawnGated, spawnMain } from './spawn-service.mjs';

const LOGS = 'logs';
// V8 lets garbage of passing bodies, batches and reports grow to 100 MiB before it looks; so the API's memory stays flat (README).
const FLAT_MEMORY = ['--max-semi-space-size=2', '--heap-growing-percent=30'];
// Files are synced to disk by threads of Node; with its four of them one image would wait for those of many others.
const MORE_FILE_THREADS = { UV_THREADPOOL_SIZE: '16' };

/** What the launcher runs, in the order of starting; the reverse is the order of stopping. */
export function redisService(redis, { root, dataDir }) {
  return {
    name: 'redis',
    title: 'Redis',
    logPath: join(dataDir, LOGS, 'redis.log'),
    quiet: true,
    neededByOthers: true,
    stopMs: 15_000,
    spawn: (logFd) => spawnGated(redis.command, { cwd: root, env: process.env, logFd }),
    ready: (child, signal) => {
      open(child);
      return awaitRedis(redis, signal, () => say('Redis is loading its data …'));
    },
  };
}

export function ossService(main, port, environment, { root, dataDir }) {
  const env = localOssEnvironment(environment, port, join(dataDir, 'oss'));
  return {
    name: 'oss',
    title: 'The local OSS',
    logPath: join(dataDir, LOGS, 'oss.log'),
    quiet: true,
    stopMs: 5000,
    spawn: (logFd) => spawnMain(main, { cwd: root, env, logFd }),
    ready: readyMessage,
  };
}

export function workerService(main, environment, { root, dataDir }) {
  return {
    name: 'worker',
    title: 'The worker',
    logPath: join(dataDir, LOGS, 'worker.log'),
    stopMs: 30_000,
    spawn: (logFd) => spawnMain(main, { cwd: root, env: { ...MORE_FILE_THREADS, ...environment }, logFd }),
    ready: readyMessage,
  };
}

export function apiService(main, environment, { root, dataDir }) {
  // PORT=0 means any port the first time; a restart must come back to the one that was printed.
  let env = { ...MORE_FILE_THREADS, ...environment };
  return {
    name: 'api',
    title: 'The API',
    logPath: join(dataDir, LOGS, 'api.log'),
    stopMs: 30_000,
    spawn: (logFd) => spawnMain(main, { cwd: root, env, logFd, nodeArgs: FLAT_MEMORY }),
    async ready(child) {
      const message = await readyMessage(child);
      env = { ...env, PORT: new URL(message.url).port || '80' };
      return message;
    },
  };
}
