import { createHash } from 'node:crypto';
import { DEFAULT_SCOPES, type Scope } from '@pixdock/contract/scope';
import { hashKey, type StoredKey } from '@pixdock/shared/state/keys/stored-key';

/** A key that the API accepts, or accepted before it expired or was revoked. */
export interface ApiKey {
  id: string;
  owner: string;
  /** SHA-256 of the key; the key itself is not kept. */
  hash: Buffer;
  scopes: ReadonlySet<Scope>;
  expiresAt: string | null;
  revokedAt: string | null;
}

/** A key in API_KEYS. Its id is the same in every process. */
export function keyOfPair(owner: string, key: string): ApiKey {
  const hash = Buffer.from(hashKey(key), 'hex');
  const id = `key_${createHash('sha256').update(hash).digest('hex').slice(0, 12)}`;
  return { id, owner, hash, scopes: SCOPES_OF_PAIRS, expiresAt: null, revokedAt: null };
}

/** A key in the key file. */
export function keyOfFile({ id, owner, hash, scopes, expiresAt, revokedAt }: StoredKey): ApiKey {
  return { id, owner, hash: Buffer.from(hash, 'hex'), scopes: new Set(scopes), expiresAt, revokedAt };
}

const SCOPES_OF_PAIRS: ReadonlySet<Scope> = new Set(DEFAULT_SCOPES);
