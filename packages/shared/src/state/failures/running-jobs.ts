import type { z } from 'zod';
import { nowMs } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';

interface RunningJob {
  id: string;
  owner: string;
  status: 'running' | 'finished';
}

/** Long jobs that owners request, and their progress. */
export interface RunningJobs<J extends RunningJob> {
  get(id: string): Promise<J | null>;
  /**
   * Stores a job, and counts it for its owner, once, for a minute. Keeps the one that exists. Null if too many others of the owner
   * are running.
   */
  create(job: J): Promise<J | null>;
  /** Counts a job that is queued until it ends. Never fails: without Redis the job counts for its minute. */
  keep(job: J): Promise<void>;
  /**
   * Stores the progress of a job, and removes the oldest of many that are finished. A job that Redis lost does not come back: its
   * queue has no job for it any more.
   */
  save(job: J): Promise<void>;
}

/** Each reads everything that its request selects, so a few at a time are as fast as many. */
const MOST_RUNNING = 10;
/** A job that could not be queued, such as after a loss of Redis, does not count longer. */
const BEGIN_MS = 60_000;
/** A job that Redis has lost does not count longer. */
const RUNNING_MS = 3600_000;
const SHOWN_MS = 24 * 3600_000;
/** Finished jobs of an owner that are shown; older ones go. Each takes about 500 bytes of Redis. */
const MOST_SHOWN = 100;

/** @param name of the jobs in the keys of Redis */
export function openRunningJobs<J extends RunningJob>(
  redis: RedisConnection,
  prefix: string,
  name: string,
  schema: z.ZodType<J>,
): RunningJobs<J> {
  const keyOf = (id: string) => `${prefix}:${name}:${id}`;
  const runningOf = (owner: string) => `${prefix}:${name}:running:${owner}`;
  const finishedOf = (owner: string) => `${prefix}:${name}:finished:${owner}`;

  async function get(id: string): Promise<J | null> {
    const text = await redis.get(keyOf(id));
    return text === null ? null : schema.parse(JSON.parse(text));
  }

  async function mayRun({ id, owner }: J): Promise<boolean> {
    const running = runningOf(owner);
    const results = await redis
      .multi()
      .zremrangebyscore(running, '-inf', nowMs())
      .zadd(running, 'NX', nowMs() + BEGIN_MS, id)
      .zcard(running)
      .pexpire(running, RUNNING_MS)
      .exec();
    const [error, count] = results?.[2] ?? [new Error('Redis discarded the count of running jobs')];
    if (error !== null) throw error;
    if (Number(count) <= MOST_RUNNING) return true;
    await redis.zrem(running, id);
    return false;
  }

  return {
    get,

    async create(job) {
      const known = await get(job.id);
      if (known?.status === 'finished') return known;
      if (!(await mayRun(job))) return null;
      const isNew = await redis.set(keyOf(job.id), JSON.stringify(job), 'PX', SHOWN_MS, 'NX');
      return isNew === null ? ((await get(job.id)) ?? job) : job;
    },

    async keep({ id, owner }) {
      // The job runs in any case, so its request must not fail.
      await redis.zadd(runningOf(owner), 'XX', nowMs() + RUNNING_MS, id).catch(() => {});
    },

    async save(job) {
      await redis.set(keyOf(job.id), JSON.stringify(job), 'PX', SHOWN_MS, 'XX');
      if (job.status !== 'finished') return;
      await redis.zrem(runningOf(job.owner), job.id);
      const finished = finishedOf(job.owner);
      await redis.multi().zadd(finished, nowMs(), job.id).pexpire(finished, SHOWN_MS).exec();
      const oldest = await redis.zrange(finished, 0, String(-MOST_SHOWN - 1));
      if (oldest.length === 0) return;
      await redis
        .multi()
        .del(...oldest.map(keyOf))
        .zrem(finished, ...oldest)
        .exec();
    },
  };
}
