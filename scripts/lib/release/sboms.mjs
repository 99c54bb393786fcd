import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../root.mjs';

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
