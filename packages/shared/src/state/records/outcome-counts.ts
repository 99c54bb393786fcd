import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { FINAL_STATUSES, type Status } from '@pixdock/contract/image';
import type { RedisConnection } from '../../runtime/redis.js';
import { recordKeys } from './keys.js';

/** Outcomes are counted in slots of ten minutes. */
const SLOT_MS = 10 * 60_000;
/** The current slot and the six before it: at least the last hour. */
const SLOTS = 7;
const OUTCOMES_KEPT_MS = 2 * 3600_000;

export interface OutcomeCount {
  status: Status;
  /** Null unless the image failed or was canceled. */
  code: ErrorCode | null;
  count: number;
}

/** Counts the outcomes of images in Redis, for all workers together. */
export function openOutcomeCounts(redis: RedisConnection, prefix: string) {
  const { outcomes } = recordKeys(prefix);
  return {
    async add(status: Status, code: ErrorCode | null): Promise<void> {
      const key = outcomes(Math.floor(Date.now() / SLOT_MS));
      await redis
        .multi()
        .hincrby(key, code === null ? status : `${status} ${code}`, 1)
        .pexpire(key, OUTCOMES_KEPT_MS)
        .exec();
    },
    /** The counts of the last hour. */
    async read(): Promise<OutcomeCount[]> {
      const slot = Math.floor(Date.now() / SLOT_MS);
      const slots = Array.from({ length: SLOTS }, (_, back) => redis.hgetall(outcomes(slot - back)));
      const sums = new Map<string, number>();
      for (const counts of await Promise.all(slots))
        for (const [name, count] of Object.entries(counts))
          sums.set(name, (sums.get(name) ?? 0) + Number(count));
      return [...sums].flatMap(([name, count]) => {
        const [first, second] = name.split(' ');
        const status = FINAL_STATUSES.find((known) => known === first);
        const code = ERROR_CODES.find((known) => known === second) ?? null;
        return status === undefined ? [] : [{ status, code, count }];
      });
    },
  };
}

export type OutcomeCounts = ReturnType<typeof openOutcomeCounts>;
