import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type NameIn, parsingOf, readCommandLine } from '@pixdock/contract/command-line/program';
import { languageOf } from '@pixdock/contract/messages/language';
import { pixdock } from '../messages/help.js';
import { cancel, remove, report, retry, status } from './commands/by-id.js';
import { config } from './commands/config.js';
import { failures } from './commands/failures.js';
import { importSource } from './commands/import.js';
import { list } from './commands/list.js';
import { listen } from './commands/listen.js';
import { upload } from './commands/upload.js';
import { webhooks } from './commands/webhooks.js';
import { EXIT, type ExitCode, UsageError } from './exit.js';
import { explain } from './explain.js';
import { createShell, type Shell, type World } from './shell.js';

type Action = (shell: Shell, ...args: string[]) => Promise<ExitCode>;

const ACTIONS: Readonly<Record<NameIn<typeof pixdock>, Action>> = {
  upload,
  import: importSource,
  list,
  status,
  listen,
  failures,
  webhooks,
  retry,
  cancel,
  delete: remove,
  report,
  config,
};

/** Runs the command in `args`. */
export async function run(args: readonly string[], world: World): Promise<ExitCode> {
  const parsed = parseArgs({ args: [...args], ...parsingOf(pixdock) });
  const call = readCommandLine(pixdock, parsed, languageOf(world.environment));
  const shell = createShell(world, call.commandLine);
  const { command, help, misuse } = call;
  try {
    if (call.commandLine.flag('help')) return print(shell, help);
    if (misuse !== null) throw new UsageError(misuse);
    if (command !== undefined) return await ACTIONS[command](shell, ...call.args);
    if (call.commandLine.flag('version')) return print(shell, readVersion());
    shell.screen.err(help);
    return EXIT.usage;
  } catch (error) {
    return explain(error, shell);
  }
}

function print({ screen }: Shell, text: string): ExitCode {
  screen.out(text);
  return EXIT.ok;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return `pixdock/${version} ${process.platform}-${process.arch} node-${process.version}`;
}
