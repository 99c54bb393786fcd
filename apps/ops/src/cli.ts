import { findMisuse, sayUnknownCommand } from '@pixdock/contract/command-line/find-misuse';
import { createCommandLine } from '@pixdock/contract/command-line/typed-options';
import { defineHelp } from '@pixdock/contract/messages/command-help';
import { languageOf } from '@pixdock/contract/messages/language';
import { type CAC, cac } from 'cac';
import { type About, audited } from './audited.js';
import { backup } from './backup/backup.js';
import { restore } from './backup/restore.js';
import { conformance, fullConformance } from './conformance/command.js';
import { doctor } from './doctor/command.js';
import type { Environment } from './dot-env.js';
import { type FailuresOptions, failures } from './failures/command.js';
import { type KeysOptions, keys } from './keys/command.js';
import { say } from './messages/help.js';
import { EXIT, type ExitCode, type Output } from './output.js';
import { pause, resume } from './pause/command.js';
import { type ReconcileOptions, reconcile } from './reconcile/command.js';
import { type RecoverOptions, recover } from './recover/command.js';
import { type StatusOptions, status } from './status/command.js';

/** Runs the command in `args`. */
export async function run(
  args: readonly string[],
  environment: Environment,
  output: Output,
): Promise<ExitCode> {
  const language = languageOf(environment);
  const cli = cac('pixdock-ops');
  defineHelp(cli, language);
  defineCommands(cli, args, environment, output);
  const { options } = cli.parse(['node', 'pixdock-ops', ...args], { run: false });
  if (options.help) return EXIT.ok;
  const command = cli.matchedCommand;
  if (command === undefined) {
    const [name] = args;
    output.err(name === undefined ? say(language, 'no-command') : sayUnknownCommand(cli, name, language));
    cli.outputHelp();
    return EXIT.usage;
  }
  const misuse = findMisuse(cli, command, language);
  if (misuse === null) return cli.runMatchedCommand();
  output.err(misuse);
  output.err(`pixdock-ops ${command.name} --help`);
  return EXIT.usage;
}

/** Defines every command with its options and an example. */
export function defineCommands(
  cli: CAC,
  args: readonly string[],
  environment: Environment,
  output: Output,
): void {
  const language = languageOf(environment);
  const inTrail = (action: string, work: (about: About) => Promise<ExitCode>) =>
    audited(environment, output, action, work);
  // Exactly as typed: cac makes a number of `--expires 90`.
  const typed = (name: string) => createCommandLine(args, cli.options).text(name);
  cli
    .command('status', say(language, 'status'))
    .option('--watch', say(language, 'status.watch'))
    .option('--json', say(language, 'status.json'))
    .option('--api <url>', say(language, 'status.api'))
    .example('pixdock-ops status --watch --api http://127.0.0.1:3000')
    .action(({ watch, json }: StatusOptions) =>
      status(environment, output, { watch, json, api: typed('api') }),
    );

  cli
    .command('doctor', say(language, 'doctor'))
    .option('--json', say(language, 'doctor.json'))
    .example('pixdock-ops doctor --json')
    .action((options: { json?: boolean }) => doctor(environment, output, options.json ?? false));

  cli
    .command('failures', say(language, 'failures'))
    .option('--owner <name>', say(language, 'failures.owner'))
    .option('--json', say(language, 'failures.json'))
    .example('pixdock-ops failures --owner acme')
    .action(({ json }: FailuresOptions) => failures(environment, output, { json, owner: typed('owner') }));

  cli
    .command('conformance', say(language, 'conformance'))
    .option('--full', say(language, 'conformance.full'))
    .example('pixdock-ops conformance')
    .action(({ full }: { full?: boolean }) =>
      full === true ? fullConformance(environment, output) : conformance(environment, output),
    );

  cli
    .command('pause', say(language, 'pause'))
    .example('pixdock-ops pause')
    .action(() => inTrail('pause', () => pause(environment, output)));
  cli
    .command('resume', say(language, 'resume'))
    .example('pixdock-ops resume')
    .action(() => inTrail('resume', () => resume(environment, output)));

  cli
    .command('reconcile', say(language, 'reconcile'))
    .option('--fix', say(language, 'reconcile.fix'))
    .option('--before <duration>', say(language, 'reconcile.before'))
    .example(`pixdock-ops reconcile                      # ${say(language, 'reconcile.report-example')}`)
    .example(`pixdock-ops reconcile --fix                # ${say(language, 'reconcile.fix-example')}`)
    .example('pixdock-ops reconcile --before 1d | jq -r .kind | sort | uniq -c')
    .action(({ fix }: ReconcileOptions) => {
      const work = () => reconcile(environment, output, { fix, before: typed('before') });
      return fix === true ? inTrail('reconcile --fix', work) : work();
    });
  cli
    .command('recover', say(language, 'recover'))
    .option('--dry-run', say(language, 'recover.dry-run'))
    .option('--ndjson', say(language, 'recover.ndjson'))
    .option('--rate <number>', say(language, 'recover.rate'))
    .example(`pixdock-ops recover --dry-run              # ${say(language, 'recover.count')}`)
    .example(`pixdock-ops recover --ndjson > back.ndjson # ${say(language, 'recover.again')}`)
    .action(({ dryRun, ndjson }: RecoverOptions) => {
      const work = () => recover(environment, output, { dryRun, ndjson, rate: typed('rate') });
      return dryRun === true ? work() : inTrail('recover', work);
    });

  cli
    .command('backup <folder>', say(language, 'backup'))
    .example('pixdock-ops backup /backups/$(date +%F)')
    .action((folder: string) => inTrail('backup', () => backup(environment, output, folder)));
  cli
    .command('restore <folder>', say(language, 'restore'))
    .example(`pixdock-ops restore /backups/2027-01-31   # ${say(language, 'restore.next')}`)
    .action((folder: string) => inTrail('restore', () => restore(environment, output, folder)));

  cli
    .command('keys <action> [id]', say(language, 'keys'))
    .option('--owner <name>', say(language, 'keys.owner'))
    .option('--scopes <list>', say(language, 'keys.scopes'))
    .option('--label <text>', say(language, 'keys.label'))
    .option('--expires <duration>', say(language, 'keys.expires'))
    .option('--json', say(language, 'keys.json'))
    .example('pixdock-ops keys create --owner acme --scopes submit,read --label checkout --expires 90d')
    .example('pixdock-ops keys list')
    .example('pixdock-ops keys revoke key_0123456789ab')
    .action((action: string, id: string | undefined, { json }: KeysOptions) => {
      const [owner, scopes] = [typed('owner'), typed('scopes')];
      const options = { json, owner, scopes, label: typed('label'), expires: typed('expires') };
      const work = (about?: About) => keys(environment, output, action, id, options, about);
      return KEY_CHANGES.includes(action) ? inTrail(`keys ${action}`, work) : work();
    });
}

/** Any other word may be a key that someone pasted in the wrong place. */
const KEY_CHANGES = ['create', 'label', 'revoke'];
