import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../root.mjs';

/** The packages that a release publishes, each after those that it depends on. */
const PUBLISHED = ['contract', 'client', 'oss-dev'];

/** Packs the built packages into a folder and returns the paths of their tarballs. */
export function packPackages(folder) {
  const pnpm = join(ROOT, 'node_modules/.bin/pnpm');
  return PUBLISHED.map((name) => {
    const args = ['pack', '--json', '--pack-destination', folder];
    const output = execFileSync(pnpm, args, { cwd: join(ROOT, 'packages', name), encoding: 'utf8' });
    return JSON.parse(output).filename;
  });
}

const USE = `import { Pixdock } from '@pixdock/client';
import { IMAGE_ID } from '@pixdock/contract/ids';
await import('@pixdock/oss-dev/start');
if (typeof Pixdock !== 'function' || !IMAGE_ID.test('img_' + 'a'.repeat(32))) process.exit(1);`;

/** Installs the tarballs in an empty folder and loads what they export. @throws if that fails */
export function tryPackages(tarballs) {
  const cwd = mkdtempSync(join(tmpdir(), 'pixdock-release-'));
  const run = (command, args) => execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    run('npm', ['install', '--prefix', cwd, '--no-audit', '--no-fund', ...tarballs]);
    run(process.execPath, ['--input-type=module', '--eval', USE]);
    run(join(cwd, 'node_modules/.bin/pixdock'), ['--help']);
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** Writes a CycloneDX file for each image, with the packages in it. `--sbom` of the build adds those of Debian. */
export function writeSboms(folder) {
  const images = ['api', 'worker', 'ops'].flatMap((app) => ['--filter', `@pixdock/${app}`]);
  const format = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--prod'];
  const args = ['sbom', ...format, ...images, '--split', '--out', join(folder, '%s-%v.cdx.json')];
  execFileSync(join(ROOT, 'node_modules/.bin/pnpm'), args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/**
 * The commands that build and push the images of a version for both platforms, with a bill of materials of everything in them.
 * @param compose text of docker-compose.yml, which names the images
 * @param place where the images go instead of the place in docker-compose.yml
 */
export function imageBuilds({ compose, place, version, revision, source }) {
  const named = compose.matchAll(/^ +image: \$\{PIXDOCK_IMAGES:-(.+)\}\/pixdock-(\w+):\$\{PIXDOCK_VERSION/gm);
  return Array.from(named, ([, usual, target]) => {
    const image = `${place ?? usual}/pixdock-${target}:${version}`;
    const facts = { VERSION: version, REVISION: revision, SOURCE: source };
    const args = Object.entries(facts).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    const platforms = ['--platform', 'linux/amd64,linux/arm64', '--sbom=true', '--provenance=mode=max'];
    return {
      image,
      command: ['docker', 'buildx', 'build', ...platforms, '--target', target, ...args, '--tag', image],
    };
  });
}
