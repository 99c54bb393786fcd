import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import type { RecordKeys } from './keys.js';

type Fields = { owner: string; groups: string[]; since: number };
type Counted = [count: number, firstMs: string, lastMs: string, exampleId: string];

/** Returns the procedure that counts the images of an owner's failure groups, and drops groups without images. */
export function failureGroupCounter(redis: RedisConnection, keys: RecordKeys) {
  const script = loadScript<Fields, Counted[]>('count-failure-groups');
  return (owner: string, groups: string[], since = 0): Promise<Counted[]> => {
    const images = groups.map((group) => keys.ofFailure(owner, group));
    return script(redis, [keys.failuresOf(owner), keys.failingOwners, ...images], { owner, groups, since });
  };
}
