import { randomBytes } from 'node:crypto';
import { recoverySchema } from '@pixdock/contract/webhook';
import { z } from 'zod';
import type { RedisConnection } from '../../runtime/redis.js';
import { openRunningJobs, type RunningJobs } from '../failures/running-jobs.js';

const storedSchema = recoverySchema.extend({ owner: z.string(), cursor: z.string().nullable() });

/** A request to send all failed deliveries of an owner again, and its progress. */
export type Recovery = z.output<typeof storedSchema>;

export type Recoveries = RunningJobs<Recovery>;

export const openRecoveries = (redis: RedisConnection, prefix: string): Recoveries =>
  openRunningJobs(redis, prefix, 'webhook-recovery', storedSchema);

export function newRecovery(owner: string, since: string): Recovery {
  const id = `whr_${randomBytes(16).toString('hex')}`;
  return { id, owner, since, status: 'running', resent: 0, cursor: null };
}
