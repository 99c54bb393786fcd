import { expect, test } from 'vitest';
import { freePort } from '../testing/free-port.js';
import { connectRedis } from './redis.js';
import { isRedisUnavailable } from './redis-unavailable.js';

test.each(['redis', 'redis-sentinel', 'redis-cluster'])(
  'recognizes that no server answers at a %s address',
  async (scheme) => {
    const name = scheme === 'redis-sentinel' ? '/master' : '';
    const url = `${scheme}://127.0.0.1:${await freePort()}${name}`;
    const redis = connectRedis({ url, prefix: '{pixdock}' }, 'prompt');
    const error = await redis.get('{pixdock}:any').catch((reason: Error) => reason);
    redis.disconnect();
    expect([isRedisUnavailable(error as Error), String(error)]).toEqual([true, String(error)]);
  },
);
