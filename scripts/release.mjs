// pnpm release: tests and makes a release, and lists the steps that need a person. --dry-run goes on although it is not ready.
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { imageBuilds, packPackages, tryPackages, writeSboms } from './lib/release/artifacts.mjs';
import { findFaults } from './lib/release/find-faults.mjs';
import { makeUpgradeNotes } from './lib/release/upgrade-notes.mjs';
import { ROOT } from './lib/root.mjs';
import { complain, lineOf, Problem, say } from './lib/say.mjs';
import { FAULTS, RELEASE, STEPS } from './messages/release.mjs';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const versionIn = (path) => JSON.parse(read(path)).version;
const output = (command, ...args) => execFileSync(command, args, { cwd: ROOT, encoding: 'utf8' }).trim();

try {
  const { folder, options } = readArguments();
  const version = versionIn('package.json');
  const changelog = read('CHANGELOG.md');
  const fixtures = globSync('*', { cwd: join(ROOT, 'e2e/src/redis/fixtures') }).toSorted();
  const compose = read('docker-compose.yml');
  const manifests = globSync(['apps/*/package.json', 'packages/*/package.json'], { cwd: ROOT }).toSorted();
  const faults = findFaults({
    version,
    versions: {
      ...Object.fromEntries(manifests.map((path) => [path, versionIn(path)])),
      'docker-compose.yml': /\{PIXDOCK_VERSION:-(.*?)\}/.exec(compose)[1],
    },
    changelog,
    fixtures,
    status: output('git', 'status', '--porcelain'),
    // Not the tag of this commit, whose release may be made again.
    tags: output('git', 'tag', '--no-contains', 'HEAD').split('\n'),
  });
  if (faults.length > 0 && !options['dry-run']) throw new Problem(RELEASE.notReady({ faults }));
  faults.push(...test(options));
  if (faults.length > 0 && !options['dry-run']) throw new Problem(RELEASE.notReady({ faults }));

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  say(RELEASE.packing());
  const tarballs = packPackages(folder);
  tryPackages(tarballs);
  say(RELEASE.listing());
  writeSboms(folder);
  writeFileSync(join(folder, `UPGRADE-${version}.md`), makeUpgradeNotes({ version, changelog, fixtures }));
  const place = process.env.PIXDOCK_IMAGES;
  const source = addressOf(output('git', 'config', '--default', '', 'remote.origin.url'));
  const builds = imageBuilds({
    compose,
    place,
    version,
    revision: output('git', 'rev-parse', 'HEAD'),
    source,
  });
  buildImages(builds);
  const pushes = builds.map(({ command }) => [...command, '--push', '.'].join(' '));
  writeFileSync(join(folder, 'push-images.sh'), ['set -e', ...pushes, ''].join('\n'));

  const files = readdirSync(folder).toSorted();
  say(RELEASE.made({ folder, files }));
  const attached = files.filter((file) => /\.(md|json)$/.test(file)).join(', ');
  const steps = [...faults, ...stepsOf({ version, tarballs, place: builds[0].image, pushes, attached })];
  say(RELEASE.remaining({ steps: steps.map((step, index) => `${index + 1}. ${step}`) }));
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  complain(error.message);
  process.exitCode = 1;
}

/** The page of a remote, without the credentials that its URL may have. */
function addressOf(remote) {
  const page = remote.replace(/^git@([^:]+):/, 'https://$1/').replace(/\.git$/, '');
  return page.replace(/^https:\/\/[^@/]*@/, 'https://');
}

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { 'dry-run': { type: 'boolean' }, 'skip-tests': { type: 'boolean' } },
    });
    return { folder: resolve(positionals[0] ?? join(ROOT, 'dist/release')), options: values };
  } catch (error) {
    throw new Problem(RELEASE.usage(), error.message);
  }
}

/** @returns what is wrong */
function test(options) {
  if (options['skip-tests']) return [lineOf(FAULTS.testsSkipped())];
  say(RELEASE.testing());
  const { status } = spawnSync('npm', ['test'], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0 ? [] : [lineOf(FAULTS.testsFailed())];
}

/** Builds the images for the cache alone, from which the push takes them. */
function buildImages(builds) {
  if (spawnSync('docker', ['info']).status !== 0) {
    say(RELEASE.withoutDocker());
    return;
  }
  for (const { image, command } of builds) {
    say(RELEASE.building({ image }));
    const [program, ...args] = [...command, '--output', 'type=cacheonly', '.'];
    execFileSync(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  }
}

function stepsOf({ version, tarballs, place, pushes, attached }) {
  const host = place.split('/')[0];
  return [
    [STEPS.audit(), 'npx pnpm audit --prod'],
    [STEPS.tag(), `git tag -a v${version} -m "Pixdock ${version}"`, `git push origin v${version}`],
    [STEPS.npm(), 'npm login', ...tarballs.map((path) => `npm publish ${path}`)],
    [STEPS.images({ host }), `docker login ${host}`, 'docker buildx create --use', ...pushes],
    [STEPS.page({ files: attached })],
  ].map(([text, ...commands]) => [lineOf(text), ...commands.map((command) => `   ${command}`)].join('\n'));
}
