import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readSettings } from './env.js';
import { keyedHash, readMetadataKeys } from './metadata-keys.js';

const KEY = '2f7d0c9a41be86535ad1e0f4c7b92836';
const OTHER = '81c6e03fb5d92a7410fe6cd5382b9a74';
const read = (METADATA_KEY: string, language: 'en' | 'zh' = 'en') =>
  readSettings({ METADATA_KEY }, readMetadataKeys, language);

it('reads keys in their order from the setting or from a file, each derived for its two uses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-metadata-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys');
  writeFileSync(file, `# the newest first\nk2:${OTHER}\nk1:${KEY}\n`);
  const keys = read(`@${file}`);
  expect(keys.map(({ id }) => id)).toEqual(['k2', 'k1']);
  const [second, first] = keys;
  expect(read(`k1:${KEY}`)[0].sealing.equals(first?.sealing as never)).toBe(true);
  const derived = [second, first].flatMap((key) => [key?.sealing, key?.hashing]);
  expect(new Set(derived.map((key) => key?.export().toString('hex'))).size).toBe(4);
  expect(keyedHash(second, 'fingerprint', 'a')).not.toBe(keyedHash(second, 'idempotency-key', 'a'));
});

it.each([
  ['', 'is not set'],
  [',', 'has no id:key'],
  [KEY, 'pair 1 is not id:key'],
  [`k 1:${KEY}`, 'pair 1 is not id:key'],
  [`k1:${KEY},k2:${KEY.slice(1)}`, 'the key of pair 2 has fewer than 32 characters'],
  [`k1:${'ab'.repeat(32)}`, 'repeats the same few characters'],
  [`k1:${KEY},k1:${OTHER}`, 'two keys have the id k1'],
  ['@/nowhere/keys', 'the file behind the @ cannot be read: it does not exist'],
])('refuses METADATA_KEY=%s without repeating a key, and says how to make one', (setting, problem) => {
  expect(() => read(setting)).toThrow(problem);
  expect(() => read(setting)).toThrow(
    problem.startsWith('two') ? 'an id of its own' : 'openssl rand -hex 32',
  );
  expect(() => read(setting, 'zh')).toThrow(/\p{Script=Han}/u);
  expect(() => read(setting)).not.toThrow(KEY.slice(1));
});
