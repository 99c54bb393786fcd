import { Pixdock } from '../pixdock.js';
import { type Environment, type Language, languageOf, type Translate, translator } from './environment.js';
import { UsageError } from './exit.js';
import type { Given } from './given.js';
import { isAddress, isKey, readSettings, type Setting } from './settings.js';
import { createScreen, type Screen, type Sink } from './terminal/screen.js';
import { visibleJson } from './terminal/visible.js';

/** What the command finds around itself. */
export interface World {
  environment: Environment;
  stdout: Sink;
  stderr: Sink;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** What every command works with. */
export interface Shell extends World {
  screen: Screen;
  language: Language;
  given: Given;
  /** Whether results are NDJSON. */
  json: boolean;
  /** A sentence in the user's language. */
  t: Translate;
  /** A result: an object with `--json`, else a line. */
  result: (value: unknown, line: string) => void;
}

/** The world as a command sees it. */
export function createShell(world: World, given: Given): Shell {
  const language = languageOf(world.environment);
  const screen = createScreen(world.stdout, world.stderr, world.environment);
  const json = given.flag('json');
  return {
    ...world,
    screen,
    language,
    given,
    json,
    t: translator(language),
    result: (value, line) => screen.out(json ? visibleJson(value) : line),
  };
}

export interface Server {
  client: Pixdock;
  url: string;
  key: Setting;
}

/**
 * The server that the settings name.
 * @param retries of each request; without, as patient as the SDK is
 * @throws UsageError without a key, or with one or an address that cannot be
 */
export async function openServer(shell: Shell, retries?: number): Promise<Server> {
  const { given, environment, language, t } = shell;
  const { url, key } = await readSettings({ url: given.text('url'), key: given.text('key') }, environment);
  const baseUrl = url.value ?? '';
  if (!isAddress(baseUrl))
    throw new UsageError(
      t(
        `"${baseUrl}" (${url.from}) is not an http(s) address.`,
        `“${baseUrl}”（${url.from}）不是 http(s) 地址。`,
      ),
    );
  if (key.value === undefined)
    throw new UsageError(
      t(
        'No API key. Give one with --key KEY, PIXDOCK_API_KEY or: pixdock config set key KEY\n"npm start" prints the key of a server on this machine; otherwise ask whoever runs it (its API_KEYS).',
        '缺少 API 密钥。请使用 --key KEY、环境变量 PIXDOCK_API_KEY，或执行：pixdock config set key KEY\n本机服务的密钥由 npm start 打印；其他服务请向其管理员索取（API_KEYS）。',
      ),
    );
  if (!isKey(key.value))
    throw new UsageError(
      t(`The key (${key.from}) has characters that no key has.`, `密钥（${key.from}）包含无效字符。`),
    );
  return { client: new Pixdock({ baseUrl, apiKey: key.value, language, retries }), url: baseUrl, key };
}

/** Asks for next to nothing, without patience, so that a wrong key or address is told before anything is sent. */
export async function greet({ url, key }: Server, { language, signal }: Shell): Promise<void> {
  const hasty = new Pixdock({ baseUrl: url, apiKey: key.value ?? '', language, retries: 0 });
  await hasty.images.list({ signal }).next();
}
