import { createHash, timingSafeEqual } from 'node:crypto';
import { PixdockError } from '@pixdock/shared/errors';
import { createMiddleware } from 'hono/factory';
import type { ApiKey } from '../config.js';
import type { ApiEnv } from './env.js';

/** Demands `Authorization: Bearer KEY` and sets the key's owner. */
export function requireKey(keys: readonly ApiKey[]) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const [, key] = /^Bearer +([^\s]+) *$/i.exec(c.req.header('Authorization') ?? '') ?? [];
    const owner = key === undefined ? null : findOwner(keys, key);
    if (owner === null) throw new PixdockError('unauthorized');
    c.set('owner', owner);
    await next();
  });
}

// Every key is compared, so that the time taken tells nothing about any of them.
function findOwner(keys: readonly ApiKey[], key: string): string | null {
  const hash = createHash('sha256').update(key).digest();
  let owner: string | null = null;
  for (const known of keys) if (timingSafeEqual(known.hash, hash)) owner = known.owner;
  return owner;
}
