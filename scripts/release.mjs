// pnpm release FOLDER: writes what belongs to a release beside its sources, a bill of materials and upgrade notes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeSbom } from './lib/release/sbom.mjs';
import { makeUpgradeNotes } from './lib/release/upgrade-notes.mjs';
import { ROOT } from './lib/root.mjs';
import { complain, Problem, say } from './lib/say.mjs';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');

try {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Problem('Where to? pnpm release FOLDER');
  const { name, version } = JSON.parse(read('package.json'));
  const notes = makeUpgradeNotes({
    version,
    changelog: read('CHANGELOG.md'),
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
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  complain(error.message);
  process.exitCode = 1;
}
