import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bench } from '../command/bench.js';
import { markdownTable } from '../landing/table.js';
import { type CpuProfile, processOf, sharesOf } from './shares.js';

export const shares = bench({
  /** The folder of `--cpu-prof`. */
  argument: 'FOLDER',
  options: {},
  async measure(_, folder) {
    const ofApps: Record<string, Record<string, number>> = {};
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.cpuprofile')) continue;
      const profile = JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile;
      const app = processOf(profile);
      if (app !== null) ofApps[app] = Object.fromEntries(sharesOf(profile));
    }
    return ofApps;
  },
  report(ofApps) {
    const apps = Object.entries(ofApps).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const parts = [...new Set(apps.flatMap(([, ofApp]) => Object.keys(ofApp)))];
    const ofApp = apps.map(([app, own]) => [app, (part: string) => percent(own[part])] as const);
    return markdownTable([['share of its CPU time', (part: string) => part], ...ofApp], parts);
  },
});

function percent(share = 0): string {
  return `${(share * 100).toFixed(0)} %`;
}
