import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SCOPES, SCOPES } from '@pixdock/contract/scope';
import { SettingsReader } from '@pixdock/shared/runtime/env';
import { createLog } from '@pixdock/shared/runtime/log';
import { addKey, generateKey, revokeKey } from '@pixdock/shared/state/keys/key-file';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openKeyring } from './keyring.js';
import { readKeys } from './read-keys.js';

const PAIR = '7Jf0cLq93XbTz1mWkV5r';
const ADMIN = { owner: 'acme', scopes: SCOPES, expiresAt: null };

function newDataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-keyring-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function open(dataDir: string, settings: Record<string, string> = { API_KEYS: `acme:${PAIR}` }) {
  const lines: { level: number; fault?: string; fix?: string; keys?: number }[] = [];
  const log = createLog('test', {
    level: 'info',
    destination: { write: (line) => lines.push(JSON.parse(line)) },
  });
  const reader = new SettingsReader({ DATA_DIR: dataDir, ...settings });
  const keys = readKeys(reader);
  reader.finish();
  const keyring = openKeyring(keys, log, 10);
  onTestFinished(() => keyring.stop());
  const callerOf = (key: string) => keyring.find(`Bearer ${key}`).caller;
  const reasonOf = (key: string) => {
    const found = keyring.find(`Bearer ${key}`);
    return found.caller === null ? found.refusal?.reason : 'accepted';
  };
  return { keyring, lines, callerOf, reasonOf, file: join(dataDir, 'keys.json') };
}

it('gives a key of API_KEYS all scopes but review and admin, and lets a key of the file do what its scopes say', async () => {
  const dataDir = newDataDir();
  const key = generateKey();
  await addKey(join(dataDir, 'keys.json'), key, { ...ADMIN, scopes: ['read', 'admin'] });
  const { callerOf } = open(dataDir);
  expect(callerOf(PAIR)).toMatchObject({ owner: 'acme', scopes: new Set(DEFAULT_SCOPES) });
  expect(callerOf(key)).toMatchObject({ owner: 'acme', scopes: new Set(['read', 'admin']) });
  expect(callerOf('unknown')).toBeNull();
});

it('says whether the header is missing, is not Bearer, or names an unknown key', () => {
  const { keyring } = open(newDataDir());
  const refusals = [undefined, PAIR, `Basic ${PAIR}`, `Bearer "${PAIR}"`, `Bearer ${PAIR}x`].map((header) => {
    const found = keyring.find(header);
    return found.caller === null ? found.refusal?.reason : 'accepted';
  });
  expect(refusals).toEqual([undefined, 'not-bearer', 'not-bearer', 'key-unknown', 'key-unknown']);
});

it('accepts a created key and refuses a revoked one without a restart, and names the reason', async () => {
  const { callerOf, reasonOf, file } = open(newDataDir());
  const key = generateKey();
  const { id } = await addKey(file, key, ADMIN);
  await vi.waitFor(() => expect(callerOf(key)).toMatchObject({ keyId: id }));
  await revokeKey(file, id);
  await vi.waitFor(() => expect(reasonOf(key)).toBe('key-revoked'));
  expect(callerOf(PAIR)).not.toBeNull();
});

it('refuses an expired key with the reason', async () => {
  const dataDir = newDataDir();
  const key = generateKey();
  await addKey(join(dataDir, 'keys.json'), key, { ...ADMIN, expiresAt: new Date(Date.now()).toISOString() });
  expect(open(dataDir).reasonOf(key)).toBe('key-expired');
});

it('keeps the keys of the last valid version while the file is damaged or missing, and logs the fix once', async () => {
  const { callerOf, lines, file } = open(newDataDir());
  const [first, second] = [generateKey(), generateKey()];
  await addKey(file, first, ADMIN);
  await vi.waitFor(() => expect(callerOf(first)).not.toBeNull());
  renameSync(file, `${file}.away`);
  const faults = () => lines.filter(({ level }) => level === 50);
  await vi.waitFor(() => expect(faults()).toHaveLength(1));
  writeFileSync(file, '{"keys":[{');
  await vi.waitFor(() => expect(faults()).toHaveLength(2));
  expect(faults().map(({ fault }) => fault)).toEqual(['the file does not exist', 'the file is not JSON']);
  expect(faults()[0]?.fix).toContain('pixdock-ops keys create');
  expect(callerOf(first)).not.toBeNull();
  renameSync(`${file}.away`, file);
  await addKey(file, second, ADMIN);
  await vi.waitFor(() => expect(callerOf(second)).not.toBeNull());
  expect(faults()).toHaveLength(2);
});

it('lets the key file decide about a key that API_KEYS contains, too', async () => {
  const { callerOf, reasonOf, file } = open(newDataDir());
  const { id } = await addKey(file, PAIR, ADMIN);
  await vi.waitFor(() => expect(callerOf(PAIR)?.scopes).toEqual(new Set(SCOPES)));
  await revokeKey(file, id);
  await vi.waitFor(() => expect(reasonOf(PAIR)).toBe('key-revoked'));
});

it('counts several keys of an owner as one owner, and notices a second owner', async () => {
  const { keyring, callerOf, file } = open(newDataDir(), { API_KEYS: `acme:${PAIR},acme:${generateKey()}` });
  expect(keyring.hasManyOwners()).toBe(false);
  await addKey(file, generateKey(), { ...ADMIN, owner: 'other' });
  await vi.waitFor(() => expect(keyring.hasManyOwners()).toBe(true));
  // Without its key, the other owner still has images and batches.
  const last = generateKey();
  rmSync(file);
  await addKey(file, last, ADMIN);
  await vi.waitFor(() => expect(callerOf(last)).not.toBeNull());
  expect(keyring.hasManyOwners()).toBe(true);
});

it('reads the key file that API_KEYS names, and needs no API_KEYS beside a key file', async () => {
  const dataDir = newDataDir();
  const elsewhere = join(dataDir, 'elsewhere.json');
  const [named, byDefault] = [generateKey(), generateKey()];
  await addKey(elsewhere, named, ADMIN);
  expect(open(dataDir, { API_KEYS: `@${elsewhere}` }).callerOf(named)).not.toBeNull();
  expect(open(dataDir, { API_KEYS_FILE: elsewhere }).callerOf(named)).not.toBeNull();
  await addKey(join(dataDir, 'keys.json'), byDefault, ADMIN);
  expect(open(dataDir, {}).callerOf(byDefault)).not.toBeNull();
});

it.each([
  ['no key at all', {}, /API_KEYS: is not set\n.*pixdock-ops keys create --owner/],
  ['a short key', { API_KEYS: `acme:${PAIR},b:short` }, /API_KEYS: the key of pair 2 has fewer than 20/],
  ['a placeholder', { API_KEYS: 'acme:changeme' }, /pair 1 is a placeholder\n.*openssl rand/],
  ['a key of two owners', { API_KEYS: `acme:${PAIR},other:${PAIR}` }, /acme and other have the same key/],
  ['repeated characters', { API_KEYS: `acme:${'x'.repeat(30)}` }, /repeats the same few characters/],
  ['a missing key file', { API_KEYS_FILE: '/nowhere/keys.json' }, /API_KEYS_FILE: the file does not exist/],
  [
    'a DATA_DIR that is a file',
    { DATA_DIR: '/dev/null' },
    /^(?!.*API_KEYS)[^]*DATA_DIR: cannot be used: .*ENOTDIR/,
  ],
])('refuses %s at the start and says what to do', (_, settings, message) => {
  expect(() => open(newDataDir(), settings)).toThrow(message);
});

it('refuses a damaged key file, and two key files, at the start', async () => {
  const dataDir = newDataDir();
  writeFileSync(join(dataDir, 'keys.json'), 'acme:key');
  expect(() => open(dataDir)).toThrow('API_KEYS_FILE: the file is not JSON');
  const [one, other] = [join(dataDir, 'one.json'), join(dataDir, 'other.json')];
  for (const file of [one, other]) await addKey(file, generateKey(), ADMIN);
  expect(() => open(dataDir, { API_KEYS: `@${one}`, API_KEYS_FILE: other })).toThrow('another key file');
});

const RIGHTS = {
  id: 'tok_1',
  expiresAt: new Date(Date.now() + 60_000).toISOString(),
  profile: null,
  maxBytes: 1000,
  deleteAfterSeconds: null,
  maxCount: 1,
  origins: null,
};

it('accepts an upload token until its time or its key ends', async () => {
  const { keyring, callerOf, reasonOf, file } = open(newDataDir());
  const { id } = await addKey(file, generateKey(), { ...ADMIN, owner: 'other' });
  await vi.waitFor(() => expect(keyring.hasManyOwners()).toBe(true));
  const token = keyring.makeToken(id, RIGHTS);
  expect(callerOf(token)).toEqual({
    owner: 'other',
    keyId: id,
    scopes: new Set(['submit', 'read']),
    token: RIGHTS,
  });
  const earlier = keyring.makeToken(id, { ...RIGHTS, expiresAt: '2026-01-31T00:00:00.000Z' });
  expect(reasonOf(earlier)).toBe('token-expired');
  await revokeKey(file, id);
  await vi.waitFor(() => expect(reasonOf(token)).toBe('token-key-ended'));
  rmSync(file);
  await addKey(file, generateKey(), ADMIN);
  await vi.waitFor(() => expect(reasonOf(token)).toBe('token-unknown'));
  expect(reasonOf('pxt_…')).toBe('token-unknown');
});

it('makes no token with a key that is not in force', () => {
  const { keyring } = open(newDataDir());
  expect(() => keyring.makeToken('key_000000000000', RIGHTS)).toThrow('unauthorized');
});
