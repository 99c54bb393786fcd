import { once } from 'node:events';
import { cpuSeconds, residentMib } from '@pixdock/e2e/harness/process-stats';
import type { Stack } from '@pixdock/e2e/harness/stack';
import { QUEUE_NAMES, queuePrefix } from '@pixdock/shared/queue/jobs';
import { sleep } from '@pixdock/shared/runtime/clock';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
import { descendants } from '@pixdock/shared/testing/processes';

const EVERY_MS = 1000;
const PREFIX = '{pixdock}';
const MIB = 1024 * 1024;

/** Memory in MiB, and number of unfinished jobs. */
export interface Level {
  api: number;
  worker: number;
  /** The worker's children together. */
  children: number;
  redis: number;
  jobs: number;
}

/** CPU time in s, and number of Redis commands, since the start of the stack. */
export interface Spent {
  api: number;
  worker: number;
  children: number;
  redis: number;
  commands: number;
}

export interface Meter {
  /** The highest levels since the last call. */
  peak(): Promise<Level>;
  spent(): Promise<Spent>;
  stop(): Promise<void>;
}

/** Samples the memory and the queues of the stack every second. */
export async function startMeter(stack: Stack): Promise<Meter> {
  const redis = connectRedis({ url: stack.redis.url, prefix: PREFIX }, 'prompt', () => {});
  await once(redis, 'ready');
  const stopping = new AbortController();
  let highest: Level | null = null;

  async function sample(): Promise<Level> {
    const now = await levelOf(stack, redis);
    highest = highest === null ? now : higher(highest, now);
    return highest;
  }

  async function sampleRepeatedly(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Sampling fails after Redis has ended.
      await sample().catch(() => {});
      await sleep(EVERY_MS, stopping.signal);
    }
  }
  const sampling = sampleRepeatedly();

  return {
    async peak() {
      const level = await sample();
      highest = null;
      return level;
    },
    spent: () => spentBy(stack, redis),
    async stop() {
      stopping.abort();
      await sampling;
      redis.disconnect();
    },
  };
}

async function levelOf({ api, worker }: Stack, redis: RedisConnection): Promise<Level> {
  return {
    api: residentMib(api.pid),
    worker: residentMib(worker.pid),
    children: sum(descendants(worker.pid).map(residentMib)),
    redis: (await readInfo(redis, 'memory', 'used_memory')) / MIB,
    jobs: await countJobs(redis),
  };
}

/** Counts the jobs in all lists of unfinished jobs. */
async function countJobs(redis: RedisConnection): Promise<number> {
  const counts = QUEUE_NAMES.map((name) => `${queuePrefix(PREFIX)}:${name}`).flatMap((queue) => [
    redis.llen(`${queue}:wait`),
    redis.llen(`${queue}:active`),
    redis.zcard(`${queue}:prioritized`),
    redis.zcard(`${queue}:delayed`),
  ]);
  return sum(await Promise.all(counts));
}

async function spentBy(stack: Stack, redis: RedisConnection): Promise<Spent> {
  const { api, worker } = stack;
  const children = descendants(worker.pid).map((pid) => cpuSeconds(pid).own);
  return {
    api: cpuSeconds(api.pid).own,
    worker: cpuSeconds(worker.pid).own,
    children: sum(children) + cpuSeconds(worker.pid).ended,
    redis: cpuSeconds(stack.redis.pid()).own,
    commands: await readInfo(redis, 'stats', 'total_commands_processed'),
  };
}

async function readInfo(redis: RedisConnection, section: string, field: string): Promise<number> {
  const line = new RegExp(`^${field}:(\\d+)`, 'm').exec(await redis.info(section));
  return Number(line?.[1] ?? 0);
}

function higher(a: Level, b: Level): Level {
  return {
    api: Math.max(a.api, b.api),
    worker: Math.max(a.worker, b.worker),
    children: Math.max(a.children, b.children),
    redis: Math.max(a.redis, b.redis),
    jobs: Math.max(a.jobs, b.jobs),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
