import { randomBytes } from 'node:crypto';
import { recoverySchema } from '@pixdock/contract/webhook';
import { z } from 'zod';
import type { RedisConnection } from '../../runtime/redis.js';
import { openRunningJobs } from '../records/running-jobs.js';

const storedSchema = recoverySchema.extend({ owner: z.string(), cursor: z.string().nullable() });

/** A request to send all failed deliveries of an owner again, and its progress. */
export type Recovery = z.output<typeof storedSchema>;

export interface Recoveries {
  /** Null if too many recoveries of the owner are running. */
  create(owner: string, since: string): Promise<Recovery | null>;
  get(id: string): Promise<Recovery | null>;
  save(recovery: Recovery): Promise<void>;
  /** Counts a recovery for its owner until it has finished; before, only for a minute. */
  keep(recovery: Recovery): Promise<void>;
}

const SHOWN_MS = 24 * 3600_000;

export function openRecoveries(redis: RedisConnection, prefix: string): Recoveries {
  const keyOf = (id: string) => `${prefix}:webhook-recovery:${id}`;
  const running = openRunningJobs(redis, (owner) => `${prefix}:webhook-recoveries-running:${owner}`);

  async function save(recovery: Recovery): Promise<void> {
    await redis.set(keyOf(recovery.id), JSON.stringify(recovery), 'PX', SHOWN_MS);
    if (recovery.status === 'finished') await running.end(recovery.id, recovery.owner);
  }

  return {
    save,
    keep: ({ id, owner }) => running.keep(id, owner),
    async get(id) {
      const text = await redis.get(keyOf(id));
      return text === null ? null : storedSchema.parse(JSON.parse(text));
    },
    async create(owner, since) {
      const id = `whr_${randomBytes(16).toString('hex')}`;
      if (!(await running.begin(id, owner))) return null;
      const recovery: Recovery = { id, owner, since, status: 'running', resent: 0, cursor: null };
      await save(recovery);
      return recovery;
    },
  };
}
