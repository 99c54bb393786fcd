import { once } from 'node:events';
import { join } from 'node:path';
import { REDIS } from '../messages/redis.mjs';
import { localOssEnvironment } from './oss-settings.mjs';
import { awaitRedis } from './private-redis.mjs';
import { say } from './say.mjs';
import { spawnTied } from './spawn-tied.mjs';

// V8 lets garbage of passing bodies, batches and reports grow to 100 MiB before it collects (README).
const FLAT_MEMORY = ['--max-semi-space-size=2', '--heap-growing-percent=30'];
// Threads of Node sync files to disk; with its four threads one image would wait for those of many others.
const MORE_FILE_THREADS = { UV_THREADPOOL_SIZE: '16' };
// Services notice by their IPC channel when the launcher was killed.
const NODE_TIE = { signal: '0', seconds: 15 };
const REDIS_TIE = { signal: 'TERM', seconds: 5 };

/*
 * What the launcher runs, as Service takes it. `context` has `root`, `dataDir`, `lock` (lock.mjs) and `tie` (spawn-tied.mjs). All but
 * Redis inherit the lock, and hold the tie of Redis: when the launcher is killed, they finish first.
 */
export function redisService(redis, { root, dataDir, tie }) {
  // Redis refuses to start when the locale is not installed.
  const env = { ...process.env, LC_ALL: 'C' };
  return {
    name: 'redis',
    logPath: join(dataDir, 'logs/redis.log'),
    quiet: true,
    stopMs: 15_000,
    spawn: (logFd) => spawnTied(redis.command, REDIS_TIE, { cwd: root, env, stdio: [tie.end, logFd, logFd] }),
    ready: (_, signal) => awaitRedis(redis, signal, () => say(REDIS.loading())),
  };
}

export function ossService(main, port, settings, context) {
  const env = localOssEnvironment(settings, port, join(context.dataDir, 'oss'));
  return { ...nodeService('oss', [main], env, context), quiet: true, stopMs: 5000 };
}

export function workerService(main, environment, context) {
  return nodeService('worker', [main], { ...MORE_FILE_THREADS, ...environment }, context);
}

export function apiService(main, environment, context) {
  const env = { ...MORE_FILE_THREADS, ...environment };
  const service = nodeService('api', [...FLAT_MEMORY, main], env, context);
  const ready = async (child) => {
    const message = await service.ready(child);
    // With PORT=0 the system chooses a port. A restart must use the same one, because its URL was printed.
    env.PORT = new URL(message.url).port || '80';
    return message;
  };
  return { ...service, ready };
}

/** One of our programs: its first message over the IPC channel says that it is ready. */
function nodeService(name, args, env, { root, dataDir, lock, tie }) {
  const stdio = (logFd) => ['pipe', logFd, logFd, 'ipc', lock.fd, tie.hold];
  return {
    name,
    logPath: join(dataDir, `logs/${name}.log`),
    stopMs: 30_000,
    spawn: (logFd) =>
      spawnTied([process.execPath, ...args], NODE_TIE, { cwd: root, env, stdio: stdio(logFd) }),
    ready: async (child) => (await once(child, 'message'))[0],
  };
}
