import { once } from 'node:events';
import { join } from 'node:path';
import { awaitRedis } from './private-redis.mjs';
import { ROOT } from './root.mjs';
import { spawnTied } from './spawn-tied.mjs';

// By default V8 lets garbage of bodies, batches and outputs grow to 100 MiB before it collects (README). Its many small
// collections take a third less CPU time without helper threads. A helper thread that compiles, and needs a collection while
// Node exits, would keep the process from ending (nodejs/node#54918). Without a helper thread, marking in steps lasts so long
// that the garbage of these steps fills the heap (`pnpm attack --size 10 --only workbooks`).
export const SERVICE_FLAGS = [
  '--max-semi-space-size=2',
  '--single-threaded',
  '--no-incremental-marking',
  '--heap-growing-percent=30',
];
// Saves a tenth of a start's CPU time.
const COMPILED_CODE = { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.pixdock/compiled') };
// Services notice by their IPC channel when the launcher was killed.
const NODE_TIE = { signal: '0', seconds: 15 };
const REDIS_TIE = { signal: 'TERM', seconds: 5 };

/*
 * What the launcher runs, as Service takes it. `context` is that of launch.mjs. All but Redis inherit the lock, and hold the
 * tie of Redis: when the launcher is killed, they finish first.
 */
export function redisService(redis, { dataDir, tie }) {
  // Redis refuses to start when the locale is not installed.
  const env = { ...process.env, LC_ALL: 'C' };
  return {
    name: 'redis',
    logPath: join(dataDir, 'logs/redis.log'),
    quiet: true,
    stopMs: 15_000,
    spawn: (logFd) => spawnTied(redis.command, REDIS_TIE, { env, stdio: [tie.end, logFd, logFd] }),
    ready: (_, signal) => awaitRedis(redis, signal),
  };
}

/**
 * One of our programs: its first message over the IPC channel says that it is ready.
 * @param env read again at each restart.
 */
export function nodeService(name, env, { dataDir, mains, lock, tie }) {
  const command = [process.execPath, ...(name === 'oss' ? [] : SERVICE_FLAGS), mains[name]];
  const stdio = (logFd) => ['pipe', logFd, logFd, 'ipc', lock.fd, tie.hold];
  return {
    name,
    logPath: join(dataDir, `logs/${name}.log`),
    stopMs: 30_000,
    spawn: (logFd) =>
      spawnTied(command, NODE_TIE, { env: { ...COMPILED_CODE, ...env }, stdio: stdio(logFd) }),
    ready: async (child) => ({ child, ...(await once(child, 'message'))[0] }),
  };
}
