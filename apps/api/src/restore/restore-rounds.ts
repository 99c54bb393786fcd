import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { Epoch } from '@pixdock/shared/state/epoch';
import { loadGuardedWrite } from '@pixdock/shared/state/guarded-write';

/** A restore of the staged images in progress, or a comparison of the final ones. */
export type Round = 'restore' | 'comparison';

export interface DueRounds {
  /** How many servers have started in this epoch. */
  starts: number;
  isDue: Record<Round, boolean>;
}

/**
 * The rounds that servers make while Redis has lost nothing. The start of a server makes both due, since one that died may have left
 * images without a job. A round serves all servers that started before it began. The hash of the epoch has them, and goes with it.
 */
export function openRestoreRounds(redis: RedisConnection, { key }: Pick<Epoch, 'key'>) {
  const guardedWrite = loadGuardedWrite(redis);
  /** The number of starts before the latest round that has ended. */
  const fieldOf = (round: Round) => `${round}Round`;
  return {
    async noteStart(): Promise<void> {
      await redis.hincrby(key, 'starts', 1);
    },
    async read(): Promise<DueRounds> {
      const stored = await redis.hmget(key, 'starts', fieldOf('restore'), fieldOf('comparison'));
      const [starts = 0, restore = 0, comparison = 0] = stored.map(Number);
      return { starts, isDue: { restore: restore < starts, comparison: comparison < starts } };
    },
    /** Notes that a round has ended; no effect in another epoch, whose restore was one. */
    async end(round: Round, starts: number, epoch: number): Promise<void> {
      const guard = { hash: key, field: 'number', expected: epoch };
      await guardedWrite(guard, [['HSET', key, fieldOf(round), starts]]);
    },
  };
}

export type RestoreRounds = ReturnType<typeof openRestoreRounds>;
