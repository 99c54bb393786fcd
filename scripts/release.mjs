// pnpm release FOLDER [--draft]: packs the published packages, writes a bill of materials and upgrade notes, and builds the images.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildImages, imageBuilds } from './lib/release/images.mjs';
import { packPackages } from './lib/release/pack.mjs';
import { makeSbom } from './lib/release/sbom.mjs';
import { makeUpgradeNotes } from './lib/release/upgrade-notes.mjs';
import { ROOT } from './lib/root.mjs';
import { complain, Problem, say } from './lib/say.mjs';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { draft: { type: 'boolean' } },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Problem('Where to? pnpm release FOLDER [--draft]');
  const { name, version } = JSON.parse(read('package.json'));
  const notes = makeUpgradeNotes({
    version,
    changelog: read('CHANGELOG.md'),
    isDraft: values.draft,
    fixtures: readdirSync(join(ROOT, 'e2e/src/redis/fixtures')).toSorted(),
  });
  const pnpm = join(ROOT, 'node_modules/.bin/pnpm');
  const licenses = execFileSync(pnpm, ['licenses', 'list', '--recursive', '--prod', '--json'], {
    cwd: ROOT,
  });
  const sbom = makeSbom({
    name,
    version,
    licenses: JSON.parse(licenses),
    lockfile: read('pnpm-lock.yaml'),
    at: new Date().toISOString(),
  });
  mkdirSync(folder, { recursive: true });
  const write = (file, text) => {
    writeFileSync(join(folder, file), text);
    say(resolve(folder, file));
  };
  write(`${name}-${version}.cdx.json`, `${JSON.stringify(sbom, null, 2)}\n`);
  write(`UPGRADE-${version}.md`, notes);
  for (const tarball of packPackages(resolve(folder))) say(tarball);
  const builds = imageBuilds(version);
  const images = buildImages(builds);
  if (images === null) say('No docker here, so the images are not built. Run this where it is:');
  for (const { image, command } of builds) say(images === null ? `  ${command.join(' ')}` : image);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  complain(error.message);
  process.exitCode = 1;
}
