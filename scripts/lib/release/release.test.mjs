import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../root.mjs';
import { makeSbom } from './sbom.mjs';
import { makeUpgradeNotes } from './upgrade-notes.mjs';

const changelog = `# Changelog

## 0.2.0 (2027-01-31)

Faster.

- One thing.

### Upgrading

Set \`NEW_THING\` first.

## 0.1.0 (2026-12-01)

- The first.
`;
const fixtures = ['0.1.0', '0.2.0'];
const notesOf = (changes) => makeUpgradeNotes({ version: '0.2.0', changelog, fixtures, ...changes });

test('writes upgrade notes with the steps, the readable versions and the changes of this version only', () => {
  const notes = notesOf();
  expect(notes).toContain('# Upgrading to Pixdock 0.2.0');
  expect(notes).toContain('## Beyond that\n\nSet `NEW_THING` first.');
  expect(notes).toContain('what these versions wrote, in Redis and in staging: 0.1.0.');
  expect(notes).toContain('## What changed\n\nFaster.\n\n- One thing.');
  expect(notes).not.toContain('The first.');
  expect(notesOf({ version: '0.1.0', fixtures: ['0.1.0'] })).toContain('This is the first release.');
});

test.each([
  ['a section', { version: '0.3.0' }, 'no section for 0.3.0'],
  ['a day', { changelog: changelog.replace('(2027-01-31)', '(unreleased)') }, 'the day of the release'],
  ['its fixture', { fixtures: ['0.1.0'] }, 'e2e/src/redis/fixtures/0.2.0 is missing'],
])('refuses a release without %s', (_, changes, message) => {
  expect(() => notesOf(changes)).toThrow(message);
});

test('writes notes for a draft of a version without a day', () => {
  const notes = notesOf({ changelog: changelog.replace('(2027-01-31)', '(unreleased)'), isDraft: true });
  expect(notes).toContain('# Upgrading to Pixdock 0.2.0');
});

test('lists every runtime package with its hash, and no build tool, in the bill of materials', () => {
  const pnpm = join(ROOT, 'node_modules/.bin/pnpm');
  const licenses = execFileSync(pnpm, ['licenses', 'list', '--recursive', '--prod', '--json'], { cwd: ROOT });
  const lockfile = readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8');
  const about = { name: 'pixdock', version: '0.1.0', at: new Date().toISOString() };
  const sbom = makeSbom({ ...about, licenses: JSON.parse(licenses), lockfile });
  const names = sbom.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['sharp', 'ali-oss', 'bullmq', 'ioredis', 'hono', 'zod']));
  for (const name of ['vitest', 'typescript', 'knip', 'pnpm']) expect(names).not.toContain(name);
  expect(names.some((name) => name.startsWith('@img/sharp-libvips-'))).toBe(true);
  const refs = sbom.components.map((component) => component['bom-ref']);
  expect(new Set(refs).size).toBe(refs.length);
  for (const { purl, hashes, licenses: own } of sbom.components)
    expect([purl, hashes[0].content.length, own.length]).toEqual([
      expect.stringMatching(/^pkg:npm\//),
      128,
      1,
    ]);
  expect(() => makeSbom({ ...about, licenses: JSON.parse(licenses), lockfile: '' })).toThrow('has no hash');
}, 60_000);
