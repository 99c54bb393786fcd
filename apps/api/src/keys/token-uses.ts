import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { nowMs } from '@pixdock/shared/runtime/clock';
import type { RedisConnection } from '@pixdock/shared/runtime/redis';
import { loadScript } from '@pixdock/shared/runtime/scripts';
import type { UploadTokenRights } from './upload-token.js';

export interface TokenUses {
  /**
   * Takes one of the uploads of a token, until it is given back. Null stands for a key.
   * @throws PixdockError forbidden if none is left
   */
  take(token: Pick<UploadTokenRights, 'id' | 'maxCount' | 'expiresAt'> | null): Promise<TokenUse>;
  /** Gives an upload back that was refused. Never fails: without Redis, it stays taken. */
  giveBack(tokenId: string): Promise<void>;
}

/** Disposal gives the upload back unless it was accepted. */
export interface TokenUse extends AsyncDisposable {
  keep(): void;
}

/** Clocks of servers differ by less: a counter must not expire before its token. */
const CLOCK_MS = 60_000;

/** Counts the uploads of tokens in Redis, for as long as the tokens are valid. */
export function openTokenUses(redis: RedisConnection, prefix: string): TokenUses {
  const change = loadScript<0 | 1>('use-token');
  const keyOf = (tokenId: string) => `${prefix}:token-uses:${tokenId}`;

  async function giveBack(tokenId: string): Promise<void> {
    await change(redis, [keyOf(tokenId)], { change: -1 }).catch(() => {});
  }

  return {
    giveBack,

    async take(token) {
      let isKept = token === null;
      if (token !== null) {
        const { id, maxCount, expiresAt } = token;
        const lifetimeMs = Math.max(0, Date.parse(expiresAt) - nowMs()) + CLOCK_MS;
        const isTaken = await change(redis, [keyOf(id)], { change: 1, maxCount, lifetimeMs });
        if (isTaken === 0) throw new PixdockError('forbidden', detailOf('token-used-up', { maxCount }));
      }
      return {
        keep() {
          isKept = true;
        },
        async [Symbol.asyncDispose]() {
          if (!isKept && token !== null) await giveBack(token.id);
        },
      };
    },
  };
}
