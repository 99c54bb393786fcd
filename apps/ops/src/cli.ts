import { parseArgs } from 'node:util';
import {
  type CommandLine,
  type NameIn,
  parsingOf,
  readCommandLine,
} from '@pixdock/contract/command-line/program';
import { languageOf } from '@pixdock/contract/messages/text';
import { mistypedSettings } from '@pixdock/shared/runtime/mistyped-settings';
import { adopt } from './adopt/command.js';
import { type About, audited } from './audited.js';
import { backup } from './backup/backup.js';
import { restore } from './backup/restore.js';
import { conformance } from './conformance/command.js';
import { fullConformance } from './conformance/full.js';
import { doctor } from './doctor/command.js';
import { addDotEnv, type Environment } from './dot-env.js';
import { failures } from './failures/command.js';
import { keys } from './keys/command.js';
import { say } from './messages/common.js';
import { ops } from './messages/help.js';
import { moveStaging } from './move-staging/command.js';
import { pause, resume } from './pause/command.js';
import { reconcile } from './reconcile/command.js';
import { recover } from './recover/command.js';
import { type Context, EXIT, type ExitCode, type Output, runCommand } from './run-command.js';
import { status } from './status/command.js';

/** The program `pixdock-ops`. */
export async function runOps(host: NodeJS.Process): Promise<void> {
  const output = { out: console.log, err: console.error, clear: console.clear };
  host.exitCode = await runCommand(
    async () => {
      const environment = addDotEnv('.env', host.env);
      for (const mistyped of mistypedSettings(environment))
        output.err(`! ${say(languageOf(environment), 'mistyped', mistyped)}`);
      return run(host.argv.slice(2), environment, output);
    },
    output,
    languageOf(host.env),
  );
}

/** Runs the command in `args`. */
export async function run(
  args: readonly string[],
  environment: Environment,
  output: Output,
): Promise<ExitCode> {
  const language = languageOf(environment);
  const parsed = parseArgs({ args: [...args], ...parsingOf(ops) });
  const call = readCommandLine(ops, parsed, language);
  if (call.commandLine.flag('help')) {
    output.out(call.help);
    return EXIT.ok;
  }
  if (call.command === undefined || call.misuse !== null) {
    output.err(call.misuse ?? call.help);
    return EXIT.usage;
  }
  const act = actionsOf(call.commandLine, { environment, output, language })[call.command];
  return runCommand(() => act(...call.args), output, language);
}

type Action = (...args: string[]) => Promise<ExitCode>;

function actionsOf(
  { text, flag }: CommandLine,
  context: Context,
): Readonly<Record<NameIn<typeof ops>, Action>> {
  const json = flag('json');
  const inTrail = (action: string, work: (about: About) => Promise<ExitCode>) =>
    audited(context, action, work);
  return {
    status: () => status(context, { watch: flag('watch'), json, api: text('api') }),
    doctor: () => doctor(context, json),
    failures: () => failures(context, { json, owner: text('owner') }),
    conformance: () => (flag('full') ? fullConformance(context) : conformance(context)),
    pause: () => inTrail('pause', () => pause(context)),
    resume: () => inTrail('resume', () => resume(context)),
    adopt: () => inTrail('adopt', () => adopt(context)),
    reconcile() {
      const fix = flag('fix');
      const work = () => reconcile(context, { fix, before: text('before') });
      return fix ? inTrail('reconcile --fix', work) : work();
    },
    recover() {
      const dryRun = flag('dry-run');
      const work = () => recover(context, { dryRun, ndjson: flag('ndjson'), rate: text('rate') });
      return dryRun ? work() : inTrail('recover', work);
    },
    backup: (folder: string) => inTrail('backup', () => backup(context, folder)),
    restore: (folder: string) => inTrail('restore', () => restore(context, folder)),
    'move-staging': () => inTrail('move-staging', () => moveStaging(context, text('to'))),
    keys(action: string, id?: string) {
      const [owner, scopes] = [text('owner'), text('scopes')];
      const options = { json, owner, scopes, label: text('label'), expires: text('expires') };
      const work = (about?: About) => keys(context, action, id, options, about);
      return KEY_CHANGES.includes(action) ? inTrail(`keys ${action}`, work) : work();
    },
  };
}

/** Any other word may be a key that someone pasted in the wrong place. */
const KEY_CHANGES = ['create', 'label', 'revoke'];
