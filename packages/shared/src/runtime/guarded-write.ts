import type { RedisConnection } from './redis.js';
import { loadScript } from './scripts.js';

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

type Fields = {
  field: string;
  expected: string | number;
  orAbsent: true | undefined;
  commands: (string | number)[][];
};

export function loadGuardedWrite(redis: RedisConnection): GuardedWrite {
  const script = loadScript<Fields, 0 | 1>('guarded-write');
  return async ({ hash, field, expected, orAbsent }, commands) => {
    const keys = [...new Set([hash, ...commands.map(([, key]) => key)])];
    const numbered = commands.map(([command, key, ...values]) => [command, keys.indexOf(key) + 1, ...values]);
    return (await script(redis, keys, { field, expected, orAbsent, commands: numbered })) === 1;
  };
}
