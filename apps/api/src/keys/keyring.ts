import { timingSafeEqual } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import type { Scope } from '@pixdock/contract/scope';
import type { Logger } from '@pixdock/shared/runtime/log';
import { hashKey, type StoredKey, stateOf } from '@pixdock/shared/state/keys/stored-key';
import { type ApiKey, keyOfFile } from './api-key.js';
import type { KeySettings } from './read-keys.js';
import {
  keyIdOf,
  makeUploadToken,
  PREFIX,
  type UploadTokenRights,
  verifyUploadToken,
} from './upload-token.js';
import { watchKeyFile } from './watch-key-file.js';

/** The sender of a request, according to its key or token. */
export interface Caller {
  owner: string;
  keyId: string;
  scopes: ReadonlySet<Scope>;
  /** The upload token that the request has in place of a key. */
  token: UploadTokenRights | null;
}

/** A caller, or the reason for a refusal; the reason is null for a missing key. */
export type Found = { caller: Caller } | { caller: null; refusal: Detail | null };

/** The keys of API_KEYS and of the key file, which it reads again when it changes. */
export function openKeyring({ pairs, file }: KeySettings, log: Logger, everyMs?: number) {
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
    /** Finds the caller by an `Authorization` header. */
    find(authorization: string | undefined): Found {
      if (authorization === undefined) return MISSING;
      const [, key] = /^Bearer +([^\s]+) *$/i.exec(authorization) ?? [];
      if (key === undefined) return NOT_BEARER;
      const found = findKey(keys, key);
      return found === UNKNOWN ? findToken(keys, key) : found;
    },
    /** Signs an upload token with a key. */
    makeToken(keyId: string, rights: UploadTokenRights): string {
      const key = keys.find(({ id }) => id === keyId);
      // It was revoked or removed after this request began.
      if (key === undefined) throw new PixdockError('unauthorized');
      return makeUploadToken(key, rights);
    },
    /** Whether several owners have, or had, a key since the start. */
    hasManyOwners: () => owners.size > 1,
    stop: () => watch.stop(),
  };
}

export type Keyring = ReturnType<typeof openKeyring>;

const MISSING: Found = { caller: null, refusal: null };
const NOT_BEARER: Found = { caller: null, refusal: detailOf('not-bearer') };
const UNKNOWN: Found = { caller: null, refusal: detailOf('key-unknown') };
const UNKNOWN_TOKEN: Found = { caller: null, refusal: detailOf('token-unknown') };

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
  if (state === 'active') return { caller: { owner, keyId, scopes, token: null } };
  const refusal =
    state === 'revoked'
      ? detailOf('key-revoked', { id: keyId, at: revokedAt ?? '' })
      : detailOf('key-expired', { id: keyId, at: expiresAt ?? '' });
  return { caller: null, refusal };
}

function findToken(keys: readonly ApiKey[], given: string): Found {
  const keyId = keyIdOf(given);
  const key = keys.find(({ id }) => id === keyId);
  const token = key === undefined ? null : verifyUploadToken(key, given);
  if (key === undefined || token === null) return given.startsWith(PREFIX) ? UNKNOWN_TOKEN : UNKNOWN;
  const { expiresAt } = token;
  if (stateOf({ expiresAt, revokedAt: null }) === 'expired')
    return { caller: null, refusal: detailOf('token-expired', { at: expiresAt }) };
  if (stateOf(key) !== 'active')
    return { caller: null, refusal: detailOf('token-key-ended', { id: key.id }) };
  const scopes = key.scopes.has('submit') ? SCOPES_OF_TOKENS : NO_SCOPES;
  return { caller: { owner: key.owner, keyId: key.id, scopes, token } };
}

const SCOPES_OF_TOKENS: ReadonlySet<Scope> = new Set<Scope>(['submit', 'read']);
const NO_SCOPES: ReadonlySet<Scope> = new Set();
