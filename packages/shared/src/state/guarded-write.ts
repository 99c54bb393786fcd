import type { RedisConnection } from '../runtime/redis.js';
import { loadScript } from '../runtime/scripts.js';
import type { Epoch } from './epoch.js';

/** A field of a hash, with the value that the caller read. */
export interface Guard {
  hash: string;
  field: string;
  expected: string | number;
  /** Whether the write also happens if the hash does not have the field. */
  orAbsent?: true;
}

/** A command of Redis, its key or channel, and its other arguments. */
export type GuardedCommand = [command: string, key: string, ...values: (string | number)[]];

/** Runs commands in one atomic step unless the guarded field has changed; false if it has. */
export type GuardedWrite = (guard: Guard, commands: readonly GuardedCommand[]) => Promise<boolean>;

/** @param epoch for the state of images and batches, which Redis may have lost since it was read */
export function loadGuardedWrite(redis: RedisConnection, epoch?: Pick<Epoch, 'key' | 'run'>): GuardedWrite {
  const script = loadScript<-1 | 0 | 1>('guarded-write');
  return async ({ hash, field, expected, orAbsent }, commands) => {
    const keys = [...new Set([hash, ...commands.map(([, key]) => key)])];
    const numbered = commands.map(([command, key, ...values]) => [command, keys.indexOf(key) + 1, ...values]);
    const fields = { field, expected, orAbsent, commands: numbered };
    if (epoch === undefined) return (await script(redis, keys, fields)) === 1;
    const epochKey = keys.push(epoch.key);
    return (await epoch.run((number) => script(redis, keys, { ...fields, epochKey, epoch: number }))) === 1;
  };
}
