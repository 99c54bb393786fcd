import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dataDirOf, firstKey, isSet, readEnvironment } from './environment.mjs';

function makeRoot(dotEnv) {
  const root = mkdtempSync(join(tmpdir(), 'pixdock-env-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  if (dotEnv !== undefined) writeFileSync(join(root, '.env'), dotEnv);
  return root;
}

test('prefers the environment to .env', () => {
  const root = makeRoot('PORT=4000\n# a comment\nAPI_KEYS="acme:a key"\n');
  expect(readEnvironment(root, { PORT: '5000' })).toEqual({ PORT: '5000', API_KEYS: 'acme:a key' });
});

test('ignores a byte order mark at the start of .env', () => {
  expect(readEnvironment(makeRoot('\uFEFFPORT=4000\nA=1\n'), {})).toEqual({ PORT: '4000', A: '1' });
});

test('works without .env and treats an empty value as unset', () => {
  expect(readEnvironment(makeRoot(), { A: '1' })).toEqual({ A: '1' });
  expect([isSet({ A: ' ' }, 'A'), isSet({}, 'A'), isSet({ A: '0' }, 'A')]).toEqual([false, false, true]);
});

test('resolves DATA_DIR relative to the checkout', () => {
  expect(dataDirOf('/srv/pixdock', {})).toBe('/srv/pixdock/.data');
  expect(dataDirOf('/srv/pixdock', { DATA_DIR: 'data' })).toBe('/srv/pixdock/data');
  expect(dataDirOf('/srv/pixdock', { DATA_DIR: '/var/data' })).toBe('/var/data');
});

test('shows the first API key of the settings', () => {
  const root = makeRoot();
  writeFileSync(join(root, 'keys'), '# a comment\nacme:one\nother:two\n');
  expect(firstKey(root, {})).toBeNull();
  expect(firstKey(root, { API_KEYS: 'acme:a:b, other:c' })).toEqual({ owner: 'acme', key: 'a:b' });
  expect(firstKey(root, { API_KEYS: '@keys' })).toEqual({ owner: 'acme', key: 'one' });
  expect(firstKey(root, { API_KEYS: '@missing' })).toBeNull();
});
