import { cac } from 'cac';
import { doctor } from './doctor/command.js';
import type { Environment } from './dot-env.js';
import { EXIT, type ExitCode, type Output } from './output.js';

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
