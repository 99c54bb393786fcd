import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Language } from '@pixdock/contract/messages/text';
import type { Scope } from '@pixdock/contract/scope';
import { isoTime, sleep } from '../../runtime/clock.js';
import { explainIssue } from '../../runtime/explain-issue.js';
import { makeFolder, removeFile, writeDurably } from '../files/durable.js';
import { say } from './messages/key-file.js';
import { hashKey, keyFileSchema, type StoredKey } from './stored-key.js';

/** A key file that cannot be used; `message` says why. */
export class KeyFileFault extends Error {
  override readonly name = 'KeyFileFault';

  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}

/** A command that writes the key file holds its lock for milliseconds. */
const LOCK_PATIENCE_MS = 5000;
const LOCK_RETRY_MS = 50;

/** Thrown while another command holds the lock of the key file, or after one was killed. */
export class KeyFileLocked extends Error {
  override readonly name = 'KeyFileLocked';

  constructor(readonly lock: string) {
    super(`${lock} exists`);
  }
}

/** @throws KeyFileFault */
export function parseKeyFile(text: string, language: Language = 'en'): StoredKey[] {
  const { keys } = parseShape(text, language);
  for (const [at, key] of keys.entries()) {
    const before = keys.slice(0, at);
    const sameKey = before.find(({ hash }) => hash === key.hash);
    if (sameKey !== undefined)
      throw fault(language, say(language, 'same-key', { ids: [sameKey.id, key.id] }));
    if (before.some(({ id }) => id === key.id))
      throw fault(language, say(language, 'same-id', { id: key.id }));
  }
  return keys;
}

/** The keys of the file; none if it does not exist. @throws KeyFileFault */
export async function readKeyFile(path: string, language: Language = 'en'): Promise<StoredKey[]> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof content === 'string') return parseKeyFile(content, language);
  if (content.code === 'ENOENT') return [];
  throw unreadable(language, content);
}

export interface NewKey {
  owner: string;
  scopes: readonly Scope[];
  /** Null: it does not expire. */
  expiresAt: string | null;
}

export const generateKey = () => `pxd_${randomBytes(32).toString('base64url')}`;

/** Adds a key to the file, which has only its hash. @throws KeyFileFault · KeyFileLocked */
export async function addKey(
  path: string,
  key: string,
  { scopes, ...facts }: NewKey,
  language: Language = 'en',
): Promise<StoredKey> {
  const stored = {
    id: `key_${randomBytes(6).toString('hex')}`,
    ...facts,
    hash: hashKey(key),
    scopes: [...scopes],
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
export async function revokeKey(
  path: string,
  id: string,
  language: Language = 'en',
): Promise<StoredKey | null> {
  return change(language, async () => {
    await using _ = await lockKeyFile(path);
    const keys = await readKeyFile(path, language);
    const found = keys.find((key) => key.id === id);
    if (found === undefined) return null;
    const revoked = { ...found, revokedAt: found.revokedAt ?? isoTime() };
    await write(
      path,
      keys.map((key) => (key === found ? revoked : key)),
    );
    return revoked;
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

export const unreadable = (language: Language, { code = '' }: NodeJS.ErrnoException) =>
  fault(language, code === 'ENOENT' ? say(language, 'missing') : say(language, 'unreadable', { code }));

function parseShape(text: string, language: Language) {
  let value: unknown;
  try {
    // Editors on Windows begin a file with a byte order mark.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw fault(language, say(language, 'not-json'));
  }
  const parsed = keyFileSchema.safeParse(value, { error: (issue) => explainIssue(issue, language) });
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: '' }] = parsed.error.issues;
  const field = path.length === 0 ? 'keys' : path.join('.');
  // Do not quote the value: someone may have written the key itself.
  const problem = path.at(-1) === 'hash' ? say(language, 'not-a-hash') : message;
  throw fault(language, say(language, 'wrong-field', { field, problem }));
}

const fault = (language: Language, problem: string) => new KeyFileFault(problem, say(language, 'fix'));

const write = (path: string, keys: readonly StoredKey[]) =>
  writeDurably(path, `${JSON.stringify({ keys }, null, 2)}\n`);

async function lockKeyFile(path: string): Promise<AsyncDisposable> {
  const lock = `${path}.lock`;
  const since = performance.now();
  while (!(await create(lock))) {
    if (performance.now() - since > LOCK_PATIENCE_MS) throw new KeyFileLocked(lock);
    await sleep(LOCK_RETRY_MS);
  }
  return { [Symbol.asyncDispose]: () => removeFile(lock).catch(() => {}) };
}

/** False if the file exists. */
async function create(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
