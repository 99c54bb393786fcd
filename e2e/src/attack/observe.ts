import { readFileSync } from 'node:fs';
import { sleep } from '@pixdock/shared/runtime/clock';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { descendants } from '@pixdock/shared/testing/processes';
import { type DiskUse, stagingUse } from '../harness/disk-use.js';
import { cpuSeconds, residentMib } from '../harness/process-stats.js';
import type { Stack } from '../harness/stack.js';

/** Memory in MiB; bytes and inodes of staging. */
export interface Level {
  api: number;
  worker: number;
  redis: number;
  staging: number;
  inodes: number;
}

export interface Observer {
  /** The highest levels since the last call. */
  peak(): Level;
  /** What staging takes now. */
  staging(): Promise<DiskUse>;
  [Symbol.asyncDispose](): Promise<void>;
}

const EVERY_MS = 200;
/** Redis and staging are sampled less often, because sampling them costs more. */
const EVERY_NTH = 5;
const MIB = 1024 * 1024;

/** Watches the memory of the service and the size of staging. */
export function startObserver(stack: Stack): Observer {
  const redis = connectRedis({ url: stack.redis.url, prefix: '{pixdock}' }, 'prompt', () => {});
  const stopping = new AbortController();
  let highest: Level = { api: 0, worker: 0, redis: 0, staging: 0, inodes: 0 };
  let looks = 0;

  async function look(): Promise<void> {
    const isFull = looks++ % EVERY_NTH === 0;
    const { bytes, inodes } = isFull ? await stagingUse(stack.dataDir) : { bytes: 0, inodes: 0 };
    raise({
      api: residentMib(stack.api.pid),
      worker: residentMib(stack.worker.pid),
      redis: isFull ? await redisMib() : 0,
      staging: bytes,
      inodes,
    });
  }

  function raise(level: Level): void {
    for (const name of ['api', 'worker', 'redis', 'staging', 'inodes'] as const)
      highest[name] = Math.max(highest[name], level[name]);
  }

  async function redisMib(): Promise<number> {
    const info = await redis.info('memory');
    return Number(/^used_memory:(\d+)/m.exec(info)?.[1] ?? 0) / MIB;
  }

  async function keepLooking(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Redis cannot be sampled before the connection is open.
      await look().catch(() => {});
      await sleep(EVERY_MS, stopping.signal);
    }
  }
  const looking = keepLooking();

  return {
    peak() {
      const level = highest;
      highest = { api: 0, worker: 0, redis: 0, staging: 0, inodes: 0 };
      looks = 0;
      return level;
    },
    staging: () => stagingUse(stack.dataDir),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await looking;
      redis.disconnect();
    },
  };
}

/** Measures the CPU time that other programs on this machine use until the returned function is called. */
export function startLoadMeter(): () => number {
  const start = { all: machineSeconds(), own: ownSeconds(), at: performance.now() };
  return () => {
    const elapsed = (performance.now() - start.at) / 1000;
    const others = machineSeconds() - start.all - (ownSeconds() - start.own);
    return Math.max(0, others / elapsed);
  };
}

/** proc(5): user, nice, system, idle, iowait, irq, softirq, steal, in hundredths of a second. */
function machineSeconds(): number {
  const line = /^cpu\s+(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq + steal) / 100;
}

function ownSeconds(): number {
  return [process.pid, ...descendants(process.pid)]
    .map((pid) => cpuSeconds(pid))
    .reduce((sum, { own, ended }) => sum + own + ended, 0);
}
