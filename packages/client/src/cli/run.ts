import { readFileSync } from 'node:fs';
import { findMisuse, sayUnknownCommand } from '@pixdock/contract/command-line/find-misuse';
import { createCommandLine } from '@pixdock/contract/command-line/typed-options';
import { defineHelp } from '@pixdock/contract/messages/command-help';
import { languageOf } from '@pixdock/contract/messages/language';
import { type CAC, cac } from 'cac';
import { sayCli } from '../messages/cli.js';
import { defineCommands } from './commands.js';
import { EXIT, type ExitCode, UsageError } from './exit.js';
import { explain } from './explain.js';
import { createShell, type Shell, type World } from './shell.js';
import { spreadShortOptions } from './short-options.js';
import { visible } from './terminal/visible.js';

/** Runs the command in `args`. */
export async function run(args: readonly string[], world: World): Promise<ExitCode> {
  const cli = cac('pixdock');
  const language = languageOf(world.environment);
  const say = sayCli(language);
  let argsWithValues = args;
  let shell: Shell | undefined;
  const open = () => (shell ??= createShell(world, createCommandLine(argsWithValues, cli.options)));
  cli.version(readVersion());
  defineHelp(cli, language);
  defineCommands(cli, open, say);
  try {
    argsWithValues = spreadShortOptions(args, say);
    const { options } = cli.parse(['node', 'pixdock', ...argsWithValues], { run: false });
    if (options.help) return EXIT.ok;
    const command = cli.matchedCommand;
    if (command === undefined) return options.version ? EXIT.ok : printUsage(cli, open(), args[0]);
    if (options.version) throw new UsageError(say('version-with-command'));
    const problem = findMisuse(cli, command, language);
    if (problem !== null) throw new UsageError(`${problem}\npixdock ${cli.matchedCommandName} --help`);
    return await cli.runMatchedCommand();
  } catch (error) {
    return explain(error, open());
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function printUsage(cli: CAC, { screen, language }: Shell, name: string | undefined): ExitCode {
  if (name !== undefined) screen.err(`pixdock: ${sayUnknownCommand(cli, visible(name), language)}`);
  cli.outputHelp();
  return EXIT.usage;
}
