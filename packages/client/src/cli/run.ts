import { readFileSync } from 'node:fs';
import { type CAC, cac } from 'cac';
import { defineCommands } from './commands.js';
import { languageOf, translator } from './environment.js';
import { EXIT, type ExitCode, UsageError } from './exit.js';
import { explain } from './explain.js';
import { createGiven } from './given.js';
import { createShell, type Shell, type World } from './shell.js';
import { spreadShortOptions } from './short-options.js';
import { visible } from './terminal/visible.js';
import { defineHelp, faultOf } from './words.js';

/** Runs the command that `args` name. */
export async function run(args: readonly string[], world: World): Promise<ExitCode> {
  const cli = cac('pixdock');
  const t = translator(languageOf(world.environment));
  let written = args;
  let shell: Shell | undefined;
  const open = () => (shell ??= createShell(world, createGiven(written, cli.options)));
  defineHelp(cli, ownVersion(), t);
  defineCommands(cli, open, t);
  try {
    written = spreadShortOptions(args, t);
    const { options } = cli.parse(['node', 'pixdock', ...written], { run: false });
    if (options.help) return EXIT.ok;
    if (cli.matchedCommand === undefined) return options.version ? EXIT.ok : misused(cli, open(), args[0]);
    if (options.version)
      throw new UsageError(
        t(
          'The version is told without a command: pixdock --version',
          '查看版本请勿加命令：pixdock --version',
        ),
      );
    return await cli.runMatchedCommand();
  } catch (error) {
    if (error instanceof Error && error.name === 'CACError') {
      const help = ['pixdock', cli.matchedCommandName, '--help'].filter(Boolean).join(' ');
      return explain(new UsageError(`${faultOf(error.message, t)}\n${help}`), open());
    }
    return explain(error, open());
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function misused(cli: CAC, { screen, t }: Shell, name: string | undefined): ExitCode {
  if (name !== undefined) screen.err(`pixdock: ${t('unknown command: ', '未知命令：')}${visible(name)}`);
  cli.outputHelp();
  return EXIT.usage;
}
