import { cac } from 'cac';
import { backup } from './backup/backup.js';
import { restore } from './backup/restore.js';
import { doctor } from './doctor/command.js';
import type { Environment } from './dot-env.js';
import { EXIT, type ExitCode, type Output } from './output.js';
import { type ReconcileOptions, reconcile } from './reconcile/command.js';
import { type RecoverOptions, recover } from './recover/command.js';

/** Runs the command that `args` names. */
export async function run(
  args: readonly string[],
  environment: Environment,
  output: Output,
): Promise<ExitCode> {
  const cli = cac('pixdock-ops');
  cli.help();
  cli
    .command(
      'doctor',
      'Try the bucket out: put, head, read and delete one object; name each fault and its fix',
    )
    .option('--json', 'Print the report as one JSON object')
    .action((options: { json?: boolean }) => doctor(environment, output, options.json ?? false));

  cli
    .command(
      'reconcile',
      'Find what does not fit together between records, jobs, staging and the bucket; one JSON object a line',
    )
    .option('--fix', 'Mend what can be mended; without it nothing is changed')
    .option('--before <duration>', 'Leave alone what changed since so long ago (default: 1h)')
    .example('pixdock-ops reconcile                      # look; exit 1 when something is found')
    .example('pixdock-ops reconcile --fix                # mend; exit 1 when something is left')
    .example('pixdock-ops reconcile --before 1d | jq -r .kind | sort | uniq -c')
    .action((options: ReconcileOptions) => reconcile(environment, output, options));
  cli
    .command('recover', 'Write back the records of all published images from the bucket alone')
    .option('--dry-run', 'Say what would come back; nothing is changed')
    .option('--ndjson', 'Print each image that comes back as a JSON object')
    .option('--rate <number>', 'Objects looked at in a second, at most (default: 1000)')
    .example('pixdock-ops recover --dry-run              # how much would come back')
    .example('pixdock-ops recover --ndjson > back.ndjson # may be stopped and run again')
    .action((options: RecoverOptions) => recover(environment, output, options));

  cli
    .command(
      'backup <folder>',
      'Copy staging into a new folder, beside the services; Redis is made of it again',
    )
    .example('pixdock-ops backup /backups/$(date +%F)')
    .action((folder: string) => backup(environment, output, folder));
  cli
    .command(
      'restore <folder>',
      'Put a backup where staging was; the API and the workers are stopped meanwhile',
    )
    .example('pixdock-ops restore /backups/2027-01-31   # then start the API, recover, reconcile --fix')
    .action((folder: string) => restore(environment, output, folder));

  try {
    const { options } = cli.parse(['node', 'pixdock-ops', ...args], { run: false });
    if (options.help) return EXIT.ok;
    if (cli.matchedCommand === undefined) {
      output.err(args[0] === undefined ? 'Which command?' : `Unknown command: ${args[0]}`);
      cli.outputHelp();
      return EXIT.usage;
    }
    return await cli.runMatchedCommand();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CACError') throw error;
    output.err(error.message);
    cli.outputHelp();
    return EXIT.usage;
  }
}
