import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { CHILD, double } from './testing/bench.js';

const PACKAGES = ['sharp', 'thumbhash'];
const OF_SHARP = ['@img/colour', 'detect-libc', 'semver'];
/** The package of a module's URL, if it is in one. */
const PACKAGE = /.*\/node_modules\/(@[^/]+\/[^/]+|[^/]+)/;

test('the decoder loads no package but sharp and thumbhash, so that it starts quickly', () => {
  // Without a parent to talk to, the decoder ends once it is loaded.
  const { stdout } = spawnSync(process.execPath, ['--import', double('list-loaded'), CHILD], {
    encoding: 'utf8',
  });
  const urls = stdout.split('\n');
  expect(urls).toContain(pathToFileURL(CHILD).href);
  const packages = urls.flatMap((url) => PACKAGE.exec(url)?.[1] ?? []);
  expect([...new Set(packages)].toSorted()).toEqual([...OF_SHARP, ...PACKAGES]);
});
