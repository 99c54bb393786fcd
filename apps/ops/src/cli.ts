import { parseArgs } from 'node:util';
import {
  type CommandLine,
  type NameIn,
  parsingOf,
  readCommandLine,
} from '@pixdock/contract/command-line/program';
import { languageOf } from '@pixdock/contract/messages/language';
import { type About, audited } from './audited.js';
import { backup } from './backup/backup.js';
import { restore } from './backup/restore.js';
import { conformance, fullConformance } from './conformance/command.js';
import { doctor } from './doctor/command.js';
import type { Environment } from './dot-env.js';
import { failures } from './failures/command.js';
import { keys } from './keys/command.js';
import { ops } from './messages/help.js';
import { EXIT, type ExitCode, type Output } from './output.js';
import { pause, resume } from './pause/command.js';
import { reconcile } from './reconcile/command.js';
import { recover } from './recover/command.js';
import { status } from './status/command.js';

/** Runs the command in `args`. */
export async function run(
  args: readonly string[],
  environment: Environment,
  output: Output,
): Promise<ExitCode> {
  const parsed = parseArgs({ args: [...args], ...parsingOf(ops) });
  const call = readCommandLine(ops, parsed, languageOf(environment));
  if (call.commandLine.flag('help')) {
    output.out(call.help);
    return EXIT.ok;
  }
  if (call.command !== undefined && call.misuse === null)
    return actionsOf(call.commandLine, environment, output)[call.command](...call.args);
  output.err(call.misuse ?? call.help);
  return EXIT.usage;
}

type Action = (...args: string[]) => Promise<ExitCode>;

function actionsOf(
  { text, flag }: CommandLine,
  environment: Environment,
  output: Output,
): Readonly<Record<NameIn<typeof ops>, Action>> {
  const json = flag('json');
  const inTrail = (action: string, work: (about: About) => Promise<ExitCode>) =>
    audited(environment, output, action, work);
  return {
    status: () => status(environment, output, { watch: flag('watch'), json, api: text('api') }),
    doctor: () => doctor(environment, output, json),
    failures: () => failures(environment, output, { json, owner: text('owner') }),
    conformance: () =>
      flag('full') ? fullConformance(environment, output) : conformance(environment, output),
    pause: () => inTrail('pause', () => pause(environment, output)),
    resume: () => inTrail('resume', () => resume(environment, output)),
    reconcile() {
      const fix = flag('fix');
      const work = () => reconcile(environment, output, { fix, before: text('before') });
      return fix ? inTrail('reconcile --fix', work) : work();
    },
    recover() {
      const dryRun = flag('dry-run');
      const work = () => recover(environment, output, { dryRun, ndjson: flag('ndjson'), rate: text('rate') });
      return dryRun ? work() : inTrail('recover', work);
    },
    backup: (folder: string) => inTrail('backup', () => backup(environment, output, folder)),
    restore: (folder: string) => inTrail('restore', () => restore(environment, output, folder)),
    keys(action: string, id?: string) {
      const [owner, scopes] = [text('owner'), text('scopes')];
      const options = { json, owner, scopes, label: text('label'), expires: text('expires') };
      const work = (about?: About) => keys(environment, output, action, id, options, about);
      return KEY_CHANGES.includes(action) ? inTrail(`keys ${action}`, work) : work();
    },
  };
}

/** Any other word may be a key that someone pasted in the wrong place. */
const KEY_CHANGES = ['create', 'label', 'revoke'];
