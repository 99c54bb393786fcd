import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../packages/shared/src/testing/temporary-folder.js';
import { ROOT } from '../root.mjs';
import { imageBuilds, writeSboms } from './artifacts.mjs';
import { findFaults } from './find-faults.mjs';
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
const READY = {
  version: '0.2.0',
  versions: { 'apps/api/package.json': '0.2.0' },
  changelog,
  fixtures: ['0.1.0', '0.2.0'],
  status: '',
  tags: ['v0.1.0'],
};
const notesOf = (changes) => makeUpgradeNotes({ ...READY, ...changes });

test('writes upgrade notes with the steps, the readable versions and the changes of this version only', () => {
  const notes = notesOf();
  expect(notes).toContain('# Upgrading to Pixdock 0.2.0');
  expect(notes).toContain('## Beyond that\n\nSet `NEW_THING` first.');
  expect(notes).toContain('what these versions wrote, in Redis and in staging: 0.1.0.');
  expect(notes).toContain('## What changed\n\nFaster.\n\n- One thing.');
  expect(notes).not.toContain('The first.');
  expect(notesOf({ version: '0.1.0', fixtures: ['0.1.0'] })).toContain('This is the first release.');
});

test('finds no fault in a version that is ready', () => {
  expect(findFaults(READY)).toEqual([]);
});

test.each([
  ['has changes', { status: ' M README.md' }, 'Commit the changes'],
  ['has a tag', { tags: ['v0.2.0'] }, 'the tag v0.2.0 exists'],
  [
    'has another version in a package',
    { versions: { 'a/package.json': '0.1.0' } },
    'a/package.json to 0.2.0',
  ],
  ['has no section', { changelog: '# Changelog\n' }, 'a section for 0.2.0'],
  ['has no day', { changelog: changelog.replace('(2027-01-31)', '(unreleased)') }, '"0.2.0 (unreleased)"'],
  ['has no fixture', { fixtures: ['0.1.0'] }, 'e2e/src/redis/fixtures/0.2.0'],
])('names the fault of a version that %s', (_, changes, words) => {
  expect(findFaults({ ...READY, ...changes })).toEqual([expect.stringContaining(words)]);
});

test('builds the images that docker-compose.yml pulls, for both platforms', () => {
  const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
  const facts = { compose, version: '0.2.0', revision: 'abc', source: 'https://a.example/pixdock' };
  const builds = imageBuilds(facts);
  const names = ['api', 'worker', 'ops'].map((app) => `ghcr.io/pixdock/pixdock-${app}:0.2.0`);
  expect(builds.map(({ image }) => image)).toEqual(names);
  for (const { image, command } of builds)
    expect(command.join(' ')).toMatch(new RegExp(`linux/amd64,linux/arm64.* REVISION=abc .*--tag ${image}$`));
  expect(imageBuilds({ ...facts, place: 'b.example/me' })[0].image).toBe('b.example/me/pixdock-api:0.2.0');
});

test('lists the runtime packages of each image with their hashes, and no build tool, in a bill of materials', () => {
  const folder = temporaryFolder();
  writeSboms(folder);
  const namesIn = (app) => {
    const sbom = JSON.parse(readFileSync(join(folder, `pixdock-${app}-0.1.0.cdx.json`), 'utf8'));
    const foreign = sbom.components.filter(({ group }) => group !== '@pixdock');
    for (const { purl, externalReferences } of foreign)
      expect([purl, externalReferences[0].hashes[0].content.length]).toEqual([purl, 128]);
    return foreign.map(({ group, name }) => (group ? `${group}/${name}` : name));
  };
  expect(namesIn('api')).toEqual(expect.arrayContaining(['ali-oss', 'bullmq', 'hono', 'ioredis', 'zod']));
  const worker = namesIn('worker');
  expect(worker).toEqual(expect.arrayContaining(['ali-oss', 'bullmq', 'sharp']));
  expect(worker.some((name) => name.startsWith('@img/sharp-libvips-'))).toBe(true);
  const tools = ['fast-check', 'vitest', 'typescript', 'knip', 'pnpm'];
  expect([...namesIn('api'), ...worker, ...namesIn('ops')].filter((name) => tools.includes(name))).toEqual(
    [],
  );
});
