import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { FINAL_STATUSES, type Status } from '@pixdock/contract/image';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
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
  const readEach = loadScript<{ command: string; arguments: [] }, string[][]>('read-each');
  return {
    async add(status: Status, code: ErrorCode | null): Promise<void> {
      const key = outcomes(Math.floor(Date.now() / SLOT_MS));
      await redis
        .pipeline()
        .hincrby(key, code === null ? status : `${status} ${code}`, 1)
        .pexpire(key, OUTCOMES_KEPT_MS)
        .exec();
    },
    /** The counts of the last hour. */
    async read(): Promise<OutcomeCount[]> {
      const slot = Math.floor(Date.now() / SLOT_MS);
      const keys = Array.from({ length: SLOTS }, (_, back) => outcomes(slot - back));
      const sums = new Map<string, number>();
      for (const pairs of await readEach(redis, keys, { command: 'HGETALL', arguments: [] }))
        for (let i = 0; i < pairs.length; i += 2)
          sums.set(pairs[i] ?? '', (sums.get(pairs[i] ?? '') ?? 0) + Number(pairs[i + 1]));
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
