import { readFileSync } from 'node:fs';
import { type CAC, cac } from 'cac';
import { defineCommands } from './commands.js';
import { EXIT, type ExitCode } from './exit.js';
import { explain } from './explain.js';
import { createGiven } from './given.js';
import { createShell, type Shell, type World } from './shell.js';

/** Runs the command that `args` name. */
export async function run(args: readonly string[], world: World): Promise<ExitCode> {
  const cli = cac('pixdock');
  cli.version(ownVersion());
  let shell: Shell | undefined;
  defineCommands(cli, () => (shell ??= createShell(world, createGiven(args, cli.options))));
  try {
    const { options } = cli.parse(['node', 'pixdock', ...args], { run: false });
    if (options.help || options.version) return EXIT.ok;
    if (cli.matchedCommand === undefined) return misused(cli, world, args[0]);
    return await cli.runMatchedCommand();
  } catch (error) {
    if (error instanceof Error && error.name === 'CACError') {
      world.stderr.write(`pixdock: ${error.message}\npixdock ${cli.matchedCommandName ?? ''} --help\n`);
      return EXIT.usage;
    }
    return explain(error, (shell ??= createShell(world, createGiven(args, cli.options))));
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function misused(cli: CAC, { stderr }: World, name: string | undefined): ExitCode {
  if (name !== undefined) stderr.write(`pixdock: unknown command: ${name}\n`);
  cli.outputHelp();
  return EXIT.usage;
}
