import { hash } from 'node:crypto';
import { SCOPES } from '@pixdock/contract/scope';
import { z } from 'zod';
import { nowMs } from '../../runtime/clock.js';

export const OWNER = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

const time = z.iso.datetime();

/** Tells people which key it is: without control characters. */
export const KEY_LABEL = /^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u;

/** A key in the key file, which has its hash and not the key itself. */
const storedKeySchema = z.object({
  id: z.string().regex(/^key_[0-9a-f]{12}$/),
  owner: z.string().regex(OWNER),
  /** SHA-256 of the key in hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(z.enum(SCOPES)).min(1),
  label: z.string().regex(KEY_LABEL).nullable().default(null),
  createdAt: time,
  /** Null: it does not expire. */
  expiresAt: time.nullable().default(null),
  revokedAt: time.nullable().default(null),
});
export type StoredKey = z.output<typeof storedKeySchema>;

export const keyFileSchema = z.object({ keys: z.array(storedKeySchema) });

export const hashKey = (key: string) => hash('sha256', key, 'hex');

export type KeyState = 'active' | 'expired' | 'revoked';

export function stateOf({ expiresAt, revokedAt }: Pick<StoredKey, 'expiresAt' | 'revokedAt'>): KeyState {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs() ? 'expired' : 'active';
}
