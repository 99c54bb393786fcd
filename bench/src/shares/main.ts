import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { say } from '@pixdock/e2e/harness/say';
import { markdownTable } from '../landing/table.js';
import { type CpuProfile, processOf, sharesOf } from './shares.js';

const USAGE = 'pnpm bench:shares FOLDER, the folder of --cpu-prof';

const [folder] = process.argv.slice(2).filter((argument) => argument !== '--');
if (folder === undefined || folder.startsWith('-')) say(USAGE);
else {
  const shares = new Map<string, Map<string, number>>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.cpuprofile')) continue;
    const profile = JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile;
    const app = processOf(profile);
    if (app !== null) shares.set(app, sharesOf(profile));
  }
  const apps = [...shares.keys()].toSorted();
  const parts = [...new Set(apps.flatMap((app) => [...(shares.get(app)?.keys() ?? [])]))];
  say(
    markdownTable(
      [
        ['share of its CPU time', (part: string) => part],
        ...apps.map((app) => [app, (part: string) => percent(shares.get(app)?.get(part))] as const),
      ],
      parts,
    ),
  );
}

function percent(share = 0): string {
  return `${(share * 100).toFixed(0)} %`;
}
