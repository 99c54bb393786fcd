import { connectRedis } from '../runtime/redis.js';

const settings = { url: 'redis://127.0.0.1:1', prefix: '{away}' };

/** A Redis that does not respond. */
export function redisAway() {
  const redis = connectRedis(settings, 'prompt');
  redis.disconnect();
  return { redis, prefix: settings.prefix };
}
