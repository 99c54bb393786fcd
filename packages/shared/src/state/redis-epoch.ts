import { randomUUID } from 'node:crypto';
import { loadGuardedWrite } from '../runtime/guarded-write.js';
import type { RedisConnection } from '../runtime/redis.js';
import { loadScript } from '../runtime/scripts.js';
import { recordKeys } from './records/keys.js';

/** The note of a server that died during a restore expires after this. */
const MAX_RESTORE_MS = 24 * 3600_000;

export interface BegunRestore {
  /** Whether Redis has lost nothing since the restore began. */
  canContinue(): Promise<boolean>;
  /** If Redis has lost data since the restore began, it still counts as new. */
  end(): Promise<void>;
}

type EpochReply = [runId: string, epoch: string | null];

/**
 * Detects that Redis may have lost data since the last restore, because it was emptied, restarted or failed over. A restore
 * stores the run id of Redis. Each of these events removes the stored id or changes that of Redis.
 */
export function openRedisEpoch(redis: RedisConnection, prefix: string) {
  const keys = recordKeys(prefix);
  const script = loadScript<Record<string, never>, EpochReply>('redis-epoch');
  const guardedWrite = loadGuardedWrite(redis);
  const read = () => script(redis, [keys.epoch], {});
  // One note per server: each try of a restore that fails would leave its own.
  const note = keys.restoring(randomUUID());
  return {
    async isNew(): Promise<boolean> {
      const [runId, epoch] = await read();
      return runId !== epoch;
    },
    /** A restore that began earlier on this server must not continue. */
    async begin(): Promise<BegunRestore> {
      const [runId] = await read();
      await redis.multi().hset(note, 'runId', runId).pexpire(note, MAX_RESTORE_MS).exec();
      const isNoteThere = { hash: note, field: 'runId', expected: runId };
      return {
        async canContinue() {
          const [current] = await read();
          return (await redis.hget(note, 'runId')) === current;
        },
        async end() {
          await guardedWrite(isNoteThere, [
            ['DEL', note],
            ['SET', keys.epoch, runId],
          ]);
        },
      };
    },
  };
}
