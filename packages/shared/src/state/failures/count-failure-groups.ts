import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import type { RecordKeys } from '../record-keys.js';

/** The first and the last score of a range: times in ms. */
type Range = { since: number; max: string };
type Counted = [count: number, firstMs: string, lastMs: string, exampleId: string];

const ALWAYS: Range = { since: 0, max: '+inf' };

/** Returns the procedure that counts the images of an owner's failure groups, and drops groups without images. */
export function failureGroupCounter(redis: RedisConnection, keys: RecordKeys) {
  const script = loadScript<Counted[]>('count-failure-groups');
  return (owner: string, groups: string[], range = ALWAYS): Promise<Counted[]> => {
    const images = groups.map((group) => keys.ofFailure(owner, group));
    return script(redis, [keys.failuresOf(owner), keys.failingOwners, ...images], {
      owner,
      groups,
      ...range,
    });
  };
}
