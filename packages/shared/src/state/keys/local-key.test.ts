import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SettingsReader } from '../../runtime/env.js';
import { readMetadataKeys } from '../../runtime/metadata-keys.js';
import { readKeyFile, revokeKey } from './key-file.js';
import { localKey, localMetadataKey } from './local-key.js';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-local-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it('generates a key with all scopes once, in a file for its owner only', async () => {
  const folder = newFolder();
  const key = await localKey(folder, 'en');
  expect(await localKey(folder, 'en')).toBe(key);
  expect(readFileSync(join(folder, 'api-key'), 'utf8')).toBe(`${key}\n`);
  expect(statSync(join(folder, 'api-key')).mode & 0o777).toBe(0o600);
  const scopes = ['submit', 'read', 'delete', 'webhooks', 'review', 'admin'];
  expect(await readKeyFile(join(folder, 'keys.json'))).toMatchObject([{ owner: 'local', scopes }]);
});

it('generates a metadata key once, in a file for its owner only', async () => {
  const folder = newFolder();
  const path = join(folder, 'metadata-key');
  expect(await localMetadataKey(folder)).toBe(`@${path}`);
  const kept = readFileSync(path, 'utf8');
  expect(await localMetadataKey(folder)).toBe(`@${path}`);
  expect(readFileSync(path, 'utf8')).toBe(kept);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const keys = readMetadataKeys(new SettingsReader({ METADATA_KEY: `@${path}` }));
  expect(keys.map(({ id }) => id)).toEqual(['k1']);
});

it('replaces a revoked key, and returns one to a key file that was removed', async () => {
  const folder = newFolder();
  const path = join(folder, 'keys.json');
  const first = await localKey(folder, 'en');
  const [stored] = await readKeyFile(path);
  await revokeKey(path, stored?.id ?? '');
  const second = await localKey(folder, 'en');
  expect(second).not.toBe(first);
  rmSync(path);
  expect(await localKey(folder, 'en')).toBe(second);
});

it('refuses a key file that it cannot read, in the language of the caller', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'keys.json'), '{');
  await expect(localKey(folder, 'zh')).rejects.toThrow(/[\u4e00-\u9fff]/);
});
