import { execFileSync } from 'node:child_process';
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
