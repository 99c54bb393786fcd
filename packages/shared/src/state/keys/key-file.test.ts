import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { addKey, generateKey, readKeyFile, revokeKey } from './key-file.js';
import { parseKeyFile } from './parse-key-file.js';
import { hashKey } from './stored-key.js';

const ACME = { owner: 'acme', scopes: ['submit', 'read'], expiresAt: null } as const;

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'data', 'keys.json');
}

it('stores the hash of a key and not the key, for the owner of the file only', async () => {
  const path = newFile();
  const key = generateKey();
  const stored = await addKey(path, key, ACME);
  expect(await readKeyFile(path)).toEqual([stored]);
  expect(stored).toMatchObject({ ...ACME, hash: hashKey(key), revokedAt: null });
  expect(readFileSync(path, 'utf8')).not.toContain(key);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('keeps every key of commands that run at once, and leaves no other file', async () => {
  const path = newFile();
  const added = await Promise.all(Array.from({ length: 5 }, () => addKey(path, generateKey(), ACME)));
  const ids = (await readKeyFile(path)).map(({ id }) => id);
  expect(ids.toSorted()).toEqual(added.map(({ id }) => id).toSorted());
  expect(readdirSync(join(path, '..'))).toEqual(['keys.json']);
});

it('revokes a key once and keeps it in the file', async () => {
  const path = newFile();
  const { id } = await addKey(path, generateKey(), ACME);
  const revoked = await revokeKey(path, id);
  expect(revoked).toMatchObject({ id, revokedAt: expect.any(String) });
  expect(await revokeKey(path, id)).toEqual(revoked);
  expect(await readKeyFile(path)).toEqual([revoked]);
  expect(await revokeKey(path, 'key_000000000000')).toBeNull();
});

it('does not change a file that it cannot read', async () => {
  const path = newFile();
  await addKey(path, generateKey(), ACME);
  writeFileSync(path, '{"keys":[');
  await expect(addKey(path, generateKey(), ACME)).rejects.toThrow('not JSON');
  expect(readFileSync(path, 'utf8')).toBe('{"keys":[');
});

it('reads a file that begins with a byte order mark, and adds a key to it', async () => {
  const path = newFile();
  const first = await addKey(path, generateKey(), ACME);
  writeFileSync(path, `\uFEFF${readFileSync(path, 'utf8')}`);
  const second = await addKey(path, generateKey(), ACME);
  expect(await readKeyFile(path)).toEqual([first, second]);
});

const STORED = {
  id: 'key_000000000001',
  owner: 'acme',
  hash: '0'.repeat(64),
  scopes: ['read'],
  createdAt: '2027-01-31T00:00:00.000Z',
};

it.each([
  ['no JSON', 'acme:key', 'not JSON'],
  ['no keys', '{}', 'keys: is missing'],
  ['an unknown scope', { scopes: ['write'] }, 'keys.0.scopes.0: "write" is not one of submit, read'],
  ['no scope', { scopes: [] }, 'keys.0.scopes: '],
  ['a time without a zone', { expiresAt: '2027-01-31' }, 'keys.0.expiresAt: '],
  ['a key in place of its hash', { hash: 'pxd_secret' }, 'keys.0.hash: is not the SHA-256'],
])('refuses a file with %s', (_, content, message) => {
  const text = typeof content === 'string' ? content : JSON.stringify({ keys: [{ ...STORED, ...content }] });
  expect(() => parseKeyFile(text)).toThrow(message);
});

it('refuses a key that occurs twice, and two keys with one id', () => {
  const parse = (other: object) => parseKeyFile(JSON.stringify({ keys: [STORED, { ...STORED, ...other }] }));
  expect(() => parse({ id: 'key_000000000002' })).toThrow('are the same key');
  expect(() => parse({ hash: '1'.repeat(64) })).toThrow('two keys have the id');
  expect(parse({ id: 'key_000000000002', hash: '1'.repeat(64) })).toHaveLength(2);
});
