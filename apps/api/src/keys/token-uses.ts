import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import type { UploadTokenRights } from './upload-token.js';

export interface TokenUses {
  /** Counts an upload of a token. @throws PixdockError forbidden above its count */
  count(token: Pick<UploadTokenRights, 'id' | 'maxCount' | 'expiresAt'>): Promise<void>;
}

/** Clocks of servers differ by less: a counter must not expire before its token. */
const CLOCK_MS = 60_000;

/** Counts the uploads of tokens in Redis, for as long as the tokens are valid. */
export function openTokenUses(redis: RedisConnection, prefix: string): TokenUses {
  return {
    async count({ id, maxCount, expiresAt }) {
      const key = `${prefix}:token-uses:${id}`;
      const lifetimeMs = Math.max(0, Date.parse(expiresAt) - Date.now()) + CLOCK_MS;
      const results = await redis.multi().incr(key).pexpire(key, lifetimeMs).exec();
      const [error, uses] = results?.[0] ?? [new Error('Redis discarded the count of a token')];
      if (error !== null) throw error;
      if (Number(uses) > maxCount)
        throw new PixdockError('forbidden', detailOf('token-used-up', { maxCount }));
    },
  };
}
