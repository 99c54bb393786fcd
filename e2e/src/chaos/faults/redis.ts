import { sleep } from '@pixdock/shared/runtime/clock';
import type { Run } from '../run.js';
import type { Fault } from './fault.js';

/** More than twice the duration of a job's lock. */
const HANG_MS = 20_000;
const CUT_MS = 8000;
const TROUBLE_MS = 5000;
/** Number of pieces after which a connection is reset. */
const PIECES = [5, 11, 23, 47];

export const REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'redis-restart',
    what: 'Redis is shut down cleanly and started again a second later',
    async strike({ stack: { redis } }) {
      redis.cli('SHUTDOWN');
      await sleep(1000);
      await redis.restart();
    },
  },
  {
    name: 'redis-kill',
    what: 'kill -9 of Redis, twice; it keeps its AOF',
    async strike({ stack: { redis } }) {
      for (let kill = 0; kill < 2; kill++) {
        await redis.crash();
        await redis.restart();
        await sleep(1500);
      }
    },
  },
  {
    name: 'redis-hang',
    what: 'SIGSTOP of Redis for 20 s; all connections stay open',
    async strike({ stack: { redis } }) {
      process.kill(redis.pid(), 'SIGSTOP');
      await sleep(HANG_MS).finally(() => process.kill(redis.pid(), 'SIGCONT'));
    },
  },
  {
    name: 'redis-cut',
    what: 'every connection to Redis is reset, and no new one is accepted for 8 s',
    strike: (run) => throughProxy(run, CUT_MS, ({ proxy }) => proxy.cut()),
  },
  {
    name: 'redis-reset',
    what: 'connections to Redis are reset at every n-th command, then at every n-th response',
    async strike(run, random) {
      for (const side of ['request', 'response'] as const) {
        const n = random.pick(PIECES);
        await throughProxy(run, TROUBLE_MS, ({ proxy }) => proxy.resetAt(n, side, true));
      }
    },
  },
  {
    name: 'redis-slow',
    what: 'every round trip to Redis takes half a second',
    strike: (run) => throughProxy(run, CUT_MS, ({ proxy }) => proxy.slow(250)),
  },
  {
    name: 'redis-full',
    what: 'Redis is at maxmemory',
    async strike({ stack: { redis } }) {
      redis.cli('CONFIG', 'SET', 'maxmemory', '1mb');
      await sleep(TROUBLE_MS).finally(() => redis.cli('CONFIG', 'SET', 'maxmemory', '0'));
    },
  },
  {
    name: 'redis-flush',
    what: 'FLUSHALL, twice',
    async strike({ stack: { redis } }) {
      redis.cli('FLUSHALL');
      await sleep(TROUBLE_MS);
      redis.cli('FLUSHALL');
    },
  },
];

async function throughProxy(run: Run, ms: number, breakIt: (run: Run) => void): Promise<void> {
  breakIt(run);
  await sleep(ms).finally(() => run.proxy.heal());
}
