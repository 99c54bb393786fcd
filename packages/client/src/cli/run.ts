import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type NameIn, parsingOf, readCommandLine } from '@pixdock/contract/command-line/program';
import { detailOf, fixOf, sayDetail } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { languageOf } from '@pixdock/contract/messages/text';
import { PixdockApiError } from '../error.js';
import { pixdock } from '../messages/help.js';
import { batches } from './commands/batches.js';
import {
  approve,
  cancel,
  keep,
  reject,
  remove,
  rename,
  report,
  retry,
  sign,
  status,
} from './commands/by-id.js';
import { config } from './commands/config.js';
import { failures } from './commands/failures.js';
import { importSource } from './commands/import.js';
import { list } from './commands/list.js';
import { listen } from './commands/listen.js';
import { upload } from './commands/upload.js';
import { webhooks } from './commands/webhooks.js';
import { EXIT, type ExitCode, UsageError } from './exit.js';
import { isFileError, sayFileError } from './file-error.js';
import { createShell, type Shell, type World } from './shell.js';
import { visible } from './terminal/visible.js';

type Action = (shell: Shell, ...args: string[]) => Promise<ExitCode>;

const ACTIONS: Readonly<Record<NameIn<typeof pixdock>, Action>> = {
  upload,
  import: importSource,
  list,
  batches,
  status,
  listen,
  failures,
  webhooks,
  retry,
  approve,
  reject,
  rename,
  cancel,
  keep,
  sign,
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

/** Prints why the command ended and what to do about it. Rethrows unexpected errors. */
function explain(error: unknown, shell: Shell): ExitCode {
  const { screen } = shell;
  if (shell.signal.aborted) return EXIT.interrupted;
  const [text, exit] = describe(error, shell);
  for (const [index, line] of text.split('\n').entries())
    screen.err(index === 0 ? `${screen.red('pixdock:')} ${visible(line)}` : visible(line));
  return exit;
}

function describe(error: unknown, { say, language }: Shell): [string, ExitCode] {
  if (error instanceof UsageError) return [error.message, EXIT.usage];
  if (error instanceof PixdockApiError) {
    const { code, detail } = error;
    if (code === 'unreachable')
      return [error.retryable ? say('server-unreachable', { detail }) : detail, EXIT.usage];
    if (code === 'unexpected_answer') return [say('unexpected-server', { detail }), EXIT.usage];
    if (code === 'unauthorized')
      return [say('key-refused', { reason: reasonOf(detail, language) }), EXIT.usage];
    const failure = say('failure', error);
    const { requestId } = error;
    const line = requestId === undefined ? failure : say('failure-with-request', { failure, requestId });
    return [line, error.status >= 500 ? EXIT.usage : EXIT.failed];
  }
  if (isFileError(error) && ('syscall' in error || error.code === 'ESHORT')) {
    const reason = sayFileError(say, error);
    return [
      error.path === undefined ? reason : say('file-failure', { file: error.path, reason }),
      EXIT.usage,
    ];
  }
  throw error;
}

/** Why the server refuses a key; null if it says only that it does not know the key, or how a program sends one. */
function reasonOf(detail: string, language: Language): string | null {
  const known = [fixOf('unauthorized'), detailOf('key-unknown')];
  return known.some((one) => sayDetail(language, one) === detail) ? null : detail;
}
