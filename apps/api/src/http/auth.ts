import { createHash, timingSafeEqual } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import { createMiddleware } from 'hono/factory';
import type { ApiKey } from '../config.js';
import type { ApiEnv } from './env.js';

/** Demands `Authorization: Bearer KEY` and sets the key's owner. */
export function requireKey(keys: readonly ApiKey[]) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const owner = findOwner(keys, c.req.header('Authorization'));
    if (owner === null) throw new PixdockError('unauthorized');
    c.set('owner', owner);
    await next();
  });
}

/** The owner of the key in an `Authorization` header; null without a valid key. */
export function findOwner(keys: readonly ApiKey[], authorization: string | undefined): string | null {
  const [, key] = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '') ?? [];
  if (key === undefined) return null;
  const hash = createHash('sha256').update(key).digest();
  // Compare every key, so that the timing reveals nothing about them.
  let owner: string | null = null;
  for (const known of keys) if (timingSafeEqual(known.hash, hash)) owner = known.owner;
  return owner;
}
