import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Language } from '@pixdock/contract/messages/text';
import type { Scope } from '@pixdock/contract/scope';
import { isoTime } from '../../runtime/clock.js';
import { writeDurably } from '../files/durable.js';
import { makeFolder } from '../files/folder.js';
import { lockKeyFile } from './key-file-lock.js';
import { say } from './messages/key-file.js';
import { KeyFileFault, parseKeyFile, unreadableKeyFile } from './parse-key-file.js';
import { hashKey, type StoredKey } from './stored-key.js';

/** The keys of the file; none if it does not exist. @throws KeyFileFault */
export async function readKeyFile(path: string, language: Language = 'en'): Promise<StoredKey[]> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof content === 'string') return parseKeyFile(content, language);
  if (content.code === 'ENOENT') return [];
  throw unreadableKeyFile(language, content);
}

export interface NewKey {
  owner: string;
  scopes: readonly Scope[];
  label?: string | null;
  /** Null: it does not expire. */
  expiresAt: string | null;
}

export const generateKey = () => `pxd_${randomBytes(32).toString('base64url')}`;

/** Adds a key to the file, which has only its hash. @throws KeyFileFault · KeyFileLocked */
export async function addKey(
  path: string,
  key: string,
  { scopes, label = null, ...facts }: NewKey,
  language: Language = 'en',
): Promise<StoredKey> {
  const stored = {
    id: `key_${randomBytes(6).toString('hex')}`,
    ...facts,
    hash: hashKey(key),
    scopes: [...scopes],
    label,
    createdAt: isoTime(),
    revokedAt: null,
  };
  return change(language, async () => {
    await makeFolder(dirname(path));
    await using _ = await lockKeyFile(path);
    await write(path, [...(await readKeyFile(path, language)), stored]);
    return stored;
  });
}

/** Marks a key in the file as revoked; null if the file has no key with this id. @throws KeyFileFault · KeyFileLocked */
export const revokeKey = (path: string, id: string, language: Language = 'en') =>
  changeKey(path, id, ({ revokedAt }) => ({ revokedAt: revokedAt ?? isoTime() }), language);

/** Labels a key in the file; null if the file has no key with this id. @throws KeyFileFault · KeyFileLocked */
export const labelKey = (path: string, id: string, label: string, language: Language) =>
  changeKey(path, id, () => ({ label }), language);

async function changeKey(
  path: string,
  id: string,
  changeOf: (key: StoredKey) => Partial<StoredKey>,
  language: Language,
): Promise<StoredKey | null> {
  return change(language, async () => {
    await using _ = await lockKeyFile(path);
    const keys = await readKeyFile(path, language);
    const found = keys.find((key) => key.id === id);
    if (found === undefined) return null;
    const changed = { ...found, ...changeOf(found) };
    await write(
      path,
      keys.map((key) => (key === found ? changed : key)),
    );
    return changed;
  });
}

/** Changes the file. @throws KeyFileFault also when its folder is missing, or cannot be written */
async function change<T>(language: Language, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new KeyFileFault(say(language, 'unwritable', { code }), say(language, 'unwritable.fix'));
  }
}

const write = (path: string, keys: readonly StoredKey[]) =>
  writeDurably(path, `${JSON.stringify({ keys }, null, 2)}\n`);
