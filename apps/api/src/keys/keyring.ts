import { timingSafeEqual } from 'node:crypto';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import type { Scope } from '@pixdock/contract/scope';
import type { Logger } from '@pixdock/shared/runtime/log';
import { hashKey, type StoredKey, stateOf } from '@pixdock/shared/state/keys/stored-key';
import { type ApiKey, keyOfFile } from './api-key.js';
import type { KeySettings } from './read-keys.js';
import { watchKeyFile } from './watch-key-file.js';

/** Whoever sends a request, according to its key. */
export interface Caller {
  owner: string;
  keyId: string;
  scopes: ReadonlySet<Scope>;
}

/** A caller, or why there is none: null if the key is missing or unknown. */
export type Found = { caller: Caller } | { caller: null; refusal: Detail | null };

export interface Keyring {
  /** Finds the caller by an `Authorization` header. */
  find(authorization: string | undefined): Found;
  /** Whether several owners have, or had, a key since the start. */
  hasManyOwners(): boolean;
  stop(): void;
}

/** The keys of API_KEYS and of the key file, which it reads again when it changes. */
export function openKeyring({ pairs, file }: KeySettings, log: Logger, everyMs?: number): Keyring {
  let keys = join(pairs, file.keys);
  const owners = new Set(keys.map(({ owner }) => owner));
  const watch = watchKeyFile(
    { ...file, everyMs },
    (stored) => {
      keys = join(pairs, stored);
      for (const { owner } of keys) owners.add(owner);
    },
    log,
  );
  return {
    find(authorization) {
      const [, key] = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '') ?? [];
      return key === undefined ? UNKNOWN : findKey(keys, key);
    },
    hasManyOwners: () => owners.size > 1,
    stop: () => watch.stop(),
  };
}

const UNKNOWN: Found = { caller: null, refusal: null };

/** The key file decides about a key that API_KEYS contains, too. */
function join(pairs: readonly ApiKey[], stored: readonly StoredKey[]): ApiKey[] {
  const ofFile = stored.map(keyOfFile);
  return [...pairs.filter(({ hash }) => !ofFile.some((key) => key.hash.equals(hash))), ...ofFile];
}

function findKey(keys: readonly ApiKey[], given: string): Found {
  const hash = Buffer.from(hashKey(given), 'hex');
  // Compare every key, so that the timing reveals nothing about them.
  let found: ApiKey | null = null;
  for (const key of keys) if (timingSafeEqual(key.hash, hash)) found = key;
  if (found === null) return UNKNOWN;
  const { id: keyId, owner, scopes, expiresAt, revokedAt } = found;
  const state = stateOf(found);
  if (state === 'active') return { caller: { owner, keyId, scopes } };
  const refusal =
    state === 'revoked'
      ? detailOf('key-revoked', { id: keyId, at: revokedAt ?? '' })
      : detailOf('key-expired', { id: keyId, at: expiresAt ?? '' });
  return { caller: null, refusal };
}
