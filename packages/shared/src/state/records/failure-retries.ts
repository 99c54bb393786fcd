import { type FailureRetryRequest, failureRetrySchema } from '@pixdock/contract/failure';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { openRunningJobs } from './running-jobs.js';

const storedSchema = failureRetrySchema.extend({
  owner: z.string(),
  position: z
    .object({ group: z.string(), image: z.object({ score: z.number(), id: z.string() }).nullable() })
    .nullable(),
});

/** A request to retry the failures of an owner, and its progress. */
export type FailureRetryState = z.output<typeof storedSchema>;

export interface FailureRetries {
  /** Keeps the one that exists, whatever its filter. Null if too many retries of the owner are running. */
  create(id: string, owner: string, filter: FailureRetryRequest): Promise<FailureRetryState | null>;
  get(id: string): Promise<FailureRetryState | null>;
  save(state: FailureRetryState): Promise<void>;
  /** Counts a retry for its owner until it has finished; before, only for a minute. */
  keep(state: FailureRetryState): Promise<void>;
}

const SHOWN_MS = 24 * 3600_000;

export function openFailureRetries(redis: RedisConnection, prefix: string): FailureRetries {
  const keyOf = (id: string) => `${prefix}:failure-retry:${id}`;
  const running = openRunningJobs(redis, (owner) => `${prefix}:failure-retries-running:${owner}`);

  async function get(id: string): Promise<FailureRetryState | null> {
    const text = await redis.get(keyOf(id));
    return text === null ? null : storedSchema.parse(JSON.parse(text));
  }
  return {
    get,
    async keep({ id, owner, status }) {
      if (status === 'running') await running.keep(id, owner);
    },
    async save(state) {
      await redis.set(keyOf(state.id), JSON.stringify(state), 'PX', SHOWN_MS);
      if (state.status === 'finished') await running.end(state.id, state.owner);
    },
    async create(id, owner, { code, host, since, until }) {
      const known = await get(id);
      if (known?.status === 'finished') return known;
      if (!(await running.begin(id, owner))) return null;
      const state: FailureRetryState = {
        id,
        owner,
        status: 'running',
        code,
        host,
        since: since === undefined ? undefined : isoTime(Date.parse(since)),
        until: until === undefined ? undefined : isoTime(Date.parse(until)),
        createdAt: isoTime(),
        retried: 0,
        skipped: 0,
        position: null,
      };
      const isNew = await redis.set(keyOf(id), JSON.stringify(state), 'PX', SHOWN_MS, 'NX');
      return isNew === null ? ((await get(id)) ?? state) : state;
    },
  };
}
