import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { COMPILED_CHILD, double } from './testing/bench.js';

const PACKAGES = ['libdeflate', 'saxes', 'sharp', 'thumbhash'];
const SHARP_DEPENDENCIES = ['@img/colour', 'detect-libc', 'semver'];
/** Matches the package in a module's URL. */
const PACKAGE = /.*\/node_modules\/(@[^/]+\/[^/]+|[^/]+)/;

test('loads only sharp, libdeflate, thumbhash and the XML parser into the decoder, so that it starts quickly', () => {
  // Without a parent to talk to, the decoder ends once it is loaded.
  const { stdout } = spawnSync(process.execPath, ['--import', double('list-loaded'), COMPILED_CHILD], {
    encoding: 'utf8',
  });
  const urls = stdout.split('\n');
  expect(urls).toContain(pathToFileURL(COMPILED_CHILD).href);
  const packages = urls.flatMap((url) => PACKAGE.exec(url)?.[1] ?? []);
  expect([...new Set(packages)].toSorted()).toEqual([...SHARP_DEPENDENCIES, ...PACKAGES].toSorted());
});
