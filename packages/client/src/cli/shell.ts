import type { CommandLine } from '@pixdock/contract/command-line/program';
import type { Language } from '@pixdock/contract/messages/text';
import { languageOf } from '@pixdock/contract/messages/text';
import { type ClientOptions, isAddress, isKey } from '../http/transport.js';
import { type Say, sayCli } from '../messages/cli.js';
import { Pixdock } from '../pixdock.js';
import { UsageError } from './exit.js';
import { type Environment, readSettings, type Setting } from './settings.js';
import { createScreen, type Screen, type Sink } from './terminal/screen.js';
import { visible, visibleJson } from './terminal/visible.js';

/** Environment, streams and interrupt signal of the process. */
export interface World {
  environment: Environment;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: Sink;
  stderr: Sink;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Shared by all commands. */
export interface Shell extends World {
  screen: Screen;
  language: Language;
  commandLine: CommandLine;
  /** Whether results are NDJSON. */
  json: boolean;
  /** Returns a sentence in the language of the user. */
  say: Say;
  /** Prints a result: `value` with `--json`, else `line`. */
  result: (value: unknown, line: string) => void;
}

/** Creates the shell of a command. */
export function createShell(world: World, commandLine: CommandLine): Shell {
  const language = languageOf(world.environment);
  const screen = createScreen(world.stdout, world.stderr, world.environment);
  const json = commandLine.flag('json');
  return {
    ...world,
    screen,
    language,
    commandLine,
    json,
    say: sayCli(language),
    result: (value, line) => screen.out(json ? visibleJson(value) : line),
  };
}

/** Retries for about two seconds, because someone is waiting. A watch retries longer. */
const FEW_RETRIES = 2;

/** The client of a command that responds at once. @throws UsageError as `openServer` */
export async function openClient(shell: Shell): Promise<Pixdock> {
  return (await openServer(shell, FEW_RETRIES)).client;
}

export interface Server {
  client: Pixdock;
  url: string;
  key: Setting;
}

/**
 * Opens the configured server.
 * @param retries per request; by default that of the SDK
 * @throws UsageError for a missing key, or an invalid key or URL
 */
export async function openServer(shell: Shell, retries?: number): Promise<Server> {
  const { commandLine, environment, language, say } = shell;
  const { url, key } = await readSettings(
    { url: commandLine.text('url'), key: commandLine.text('key') },
    environment,
    say,
  );
  const baseUrl = url.value ?? '';
  if (!isAddress(baseUrl)) throw new UsageError(say('invalid-address', { address: baseUrl, from: url.from }));
  if (key.value === undefined) throw new UsageError(say('no-key'));
  if (!isKey(key.value)) throw new UsageError(say('invalid-key', { from: key.from }));
  const client = new Pixdock({ baseUrl, apiKey: key.value, language, retries, onRetry: retryPrinter(shell) });
  return { client, url: baseUrl, key };
}

/** Parallel requests fail alike: their retries are printed as one. */
const RETRY_LINE_EVERY_MS = 5000;

function retryPrinter({ screen, say }: Shell): NonNullable<ClientOptions['onRetry']> {
  let silentUntil = 0;
  return ({ code, status, title, detail }, pauseMs) => {
    if (Date.now() < silentUntil) return;
    silentUntil = Date.now() + Math.max(pauseMs, RETRY_LINE_EVERY_MS);
    const seconds = Math.ceil(pauseMs / 1000);
    const reason = visible(code === 'unreachable' ? detail : say('status-reason', { title, status }));
    screen.err(say('retrying', { reason, seconds }));
  };
}

/** Sends one small request without retries, so that a wrong key or URL fails before any upload. */
export async function checkServer({ url, key }: Server, { language, signal }: Shell): Promise<void> {
  const impatient = new Pixdock({ baseUrl: url, apiKey: key.value ?? '', language, retries: 0 });
  await impatient.images.list({ signal }).next();
}
