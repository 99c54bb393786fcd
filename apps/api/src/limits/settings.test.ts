import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsReader } from '@pixdock/shared/runtime/env';
import { afterAll, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type Limits, readLimits } from './settings.js';

const folder = mkdtempSync(join(tmpdir(), 'pixdock-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEYS = [{ owner: 'alice' }, { owner: 'bob' }];

function read(content: string | null, keys = KEYS): Limits {
  const path = join(folder, 'limits.yaml');
  if (content !== null) writeFileSync(path, content);
  const reader = new SettingsReader(content === null ? {} : { LIMITS_FILE: path });
  const limits = readLimits(reader, keys);
  reader.finish();
  return limits;
}

it('uses the defaults without a file', () => {
  expect(read(null).of('alice')).toEqual(DEFAULT_LIMITS);
});

it.each([
  ['YAML', 'default: { waits: 10 }\nowners:\n  alice: { uploads: 2 }\n'],
  ['JSON', '{"default":{"waits":10},"owners":{"alice":{"uploads":2}}}'],
])('reads the limits of all owners and of one from %s', (_form, content) => {
  const limits = read(content);
  expect(limits.of('alice')).toEqual({ ...DEFAULT_LIMITS, waits: 10, uploads: 2 });
  expect(limits.of('bob')).toEqual({ ...DEFAULT_LIMITS, waits: 10 });
});

it.each([
  ['default: { upload: 2 }', /LIMITS_FILE: default: "upload" \(write uploads\)/],
  ['default: { records: 1000 }', /LIMITS_FILE: default: "records" \(write redisBytes\)/],
  ['owners: { Alice: { waits: 9 } }', /LIMITS_FILE: owners\.Alice: has no key; write alice/],
  ['default: { uploads: 0 }', /LIMITS_FILE: default\.uploads: /],
  ['owners: { alice: { waits: "9" } }', /LIMITS_FILE: owners\.alice\.waits: /],
  ['owners: { carol: { waits: 9 } }', /LIMITS_FILE: owners\.carol: has no key/],
  ['- waits', /LIMITS_FILE: the file: /],
  ['default: {', /LIMITS_FILE: cannot be read: /],
  ['default: { stagingShare: 2 }', /LIMITS_FILE: default\.stagingShare: /],
])('refuses %s and names the fault', (content, message) => {
  expect(() => read(content)).toThrow(message);
});
