import { sleep } from '@pixdock/shared/runtime/clock';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { type Epoch, EpochEnded } from '@pixdock/shared/state/epoch';
import { loadGuardedWrite } from '@pixdock/shared/state/guarded-write';
import type { OutcomeAge, Restore } from '@pixdock/shared/state/restore/restore';
import type { Leases } from '@pixdock/shared/state/service/leases';
import { OUTCOME_PARTS } from '@pixdock/shared/state/staging';

const CHECK_MS = 200;

/**
 * The restore of outcomes, which all servers share: each takes a part that nobody has, and the lease of a part whose server died expires.
 * The hash of the epoch says which parts are restored, and which age of outcomes is being restored.
 */
export function openSharedRestore(
  redis: RedisConnection,
  { key }: Pick<Epoch, 'key'>,
  leases: Pick<Leases, 'acquire'>,
) {
  const guardedWrite = loadGuardedWrite(redis);

  async function note(epoch: number, field: string, value: string | number): Promise<void> {
    const guard = { hash: key, field: 'number', expected: epoch };
    if (!(await guardedWrite(guard, [['HSET', key, field, value]]))) throw new EpochEnded();
  }

  /** @returns whether all parts are restored */
  async function restoreFree(restore: Restore, epoch: number, age: OutcomeAge): Promise<boolean> {
    let areRestored = true;
    for (const part of OUTCOME_PARTS) {
      const field = `${age}:${part}`;
      using lease = await leases.acquire('restores', `${epoch}:${field}`, 1);
      // The part of an earlier epoch has its number.
      if ((await redis.hget(key, field)) === String(epoch)) continue;
      if (lease === null) areRestored = false;
      else {
        await restore.restoreOutcomes(part, age);
        await note(epoch, field, epoch);
      }
    }
    return areRestored;
  }

  return {
    /** Restores all outcomes of an age, together with the servers that help. @throws EpochEnded */
    async restoreAll(restore: Restore, epoch: number, age: OutcomeAge, signal: AbortSignal): Promise<void> {
      await note(epoch, 'outcomes', `${epoch} ${age}`);
      while (!(await restoreFree(restore, epoch, age)) && !signal.aborted) await sleep(CHECK_MS, signal);
      signal.throwIfAborted();
    },

    /** Restores parts that no other server has, if another one restores outcomes in this epoch. */
    async help(restore: Restore, epoch: number): Promise<void> {
      const [ofEpoch, age] = (await redis.hget(key, 'outcomes'))?.split(' ') ?? [];
      if (ofEpoch === String(epoch)) await restoreFree(restore, epoch, age as OutcomeAge);
    },
  };
}
