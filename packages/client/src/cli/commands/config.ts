import { isAddress, isKey } from '../../http/transport.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { configPath, readConfig, readSettings, writeConfig } from '../settings.js';
import type { Shell } from '../shell.js';

/** `pixdock config show` and `pixdock config set url|key VALUE` */
export async function config(
  shell: Shell,
  action?: string,
  name?: string,
  value?: string,
): Promise<ExitCode> {
  if (action === 'show' && name === undefined) return show(shell);
  if (action === 'set' && (name === 'url' || name === 'key') && value !== undefined)
    return set(shell, name, value);
  throw new UsageError(shell.say('config-usage'));
}

async function set(
  { environment, screen, say }: Shell,
  name: 'url' | 'key',
  value: string,
): Promise<ExitCode> {
  if (name === 'url' && !isAddress(value)) throw new UsageError(say('invalid-address', { address: value }));
  if (name === 'key' && !isKey(value)) throw new UsageError(say('invalid-key', {}));
  const path = configPath(environment);
  await writeConfig(path, { ...(await readConfig(path, say)), [name]: value });
  screen.err(say('config-saved', { path }));
  return EXIT.ok;
}

async function show(shell: Shell): Promise<ExitCode> {
  const { url, key, path } = await readSettings(
    { url: shell.commandLine.text('url'), key: shell.commandLine.text('key') },
    shell.environment,
    shell.say,
  );
  const masked = key.value === undefined ? null : mask(key.value);
  shell.result(
    { url: url.value, urlFrom: url.from, key: masked, keyFrom: key.from, path },
    [`url   ${url.value}  (${url.from})`, `key   ${masked ?? '–'}  (${key.from})`, `file  ${path}`].join(
      '\n',
    ),
  );
  return EXIT.ok;
}

/** Shows just enough to distinguish two keys. */
function mask(key: string): string {
  return key.length < 12 ? '…' : `${key.slice(0, 3)}…${key.slice(-2)}`;
}
