import { type FailureRetryRequest, failureRetrySchema } from '@pixdock/contract/failure';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { openRunningJobs, type RunningJobs } from './running-jobs.js';

const storedSchema = failureRetrySchema.extend({
  owner: z.string(),
  position: z
    .object({ group: z.string(), image: z.object({ score: z.number(), id: z.string() }).nullable() })
    .nullable(),
});

/** A request to retry the failures of an owner, and its progress. */
export type FailureRetryState = z.output<typeof storedSchema>;

export type FailureRetries = RunningJobs<FailureRetryState>;

export const openFailureRetries = (redis: RedisConnection, prefix: string): FailureRetries =>
  openRunningJobs(redis, prefix, 'failure-retry', storedSchema);

export function newFailureRetry(
  id: string,
  owner: string,
  { code, host, since, until }: FailureRetryRequest,
): FailureRetryState {
  return {
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
}
