import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisConnection } from './redis.js';

export type Script = (
  redis: RedisConnection,
  keys: readonly string[],
  values: readonly (string | number)[],
) => Promise<unknown>;

/** A Lua script of this package by its name. Redis is told its digest, and its text only when it does not know it. */
export function loadScript(name: string): Script {
  const text = readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8');
  const digest = createHash('sha1').update(text).digest('hex');
  return async (redis, keys, values) => {
    const args = [...keys, ...values.map(String)];
    try {
      return await redis.evalsha(digest, keys.length, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(text, keys.length, ...args);
    }
  };
}
