import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { Epoch } from '@pixdock/shared/state/epoch';
import { loadGuardedWrite } from '@pixdock/shared/state/guarded-write';

/** A round over the staged images in progress, or over those that are final. */
export type Round = 'open' | 'final';

/**
 * The rounds that servers make while Redis has lost nothing. The start of a server makes both due, since one that died may have left
 * images without a job. A round serves all servers that started before it began.
 */
export interface RestoreRounds {
  noteStart(): Promise<void>;
  read(): Promise<DueRounds>;
  /** Notes that a round has ended; no effect in another epoch, whose restore was one. */
  end(round: Round, starts: number, epoch: number): Promise<void>;
}

export interface DueRounds {
  /** How many servers have started in this epoch. */
  starts: number;
  isDue: Record<Round, boolean>;
}

/** Keeps them in the epoch's hash, which goes with the epoch. */
export function openRestoreRounds(redis: RedisConnection, { key }: Pick<Epoch, 'key'>): RestoreRounds {
  const guardedWrite = loadGuardedWrite(redis);
  /** The number of starts before the latest round that has ended. */
  const fieldOf = (round: Round) => `${round}Round`;
  return {
    async noteStart() {
      await redis.hincrby(key, 'starts', 1);
    },
    async read() {
      const stored = await redis.hmget(key, 'starts', fieldOf('open'), fieldOf('final'));
      const [starts = 0, open = 0, final = 0] = stored.map(Number);
      return { starts, isDue: { open: open < starts, final: final < starts } };
    },
    async end(round, starts, epoch) {
      const guard = { hash: key, field: 'number', expected: epoch };
      await guardedWrite(guard, [['HSET', key, fieldOf(round), starts]]);
    },
  };
}
