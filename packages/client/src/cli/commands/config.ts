import { configPath, readConfig, writeConfig } from '../config-file.js';
import { EXIT, type ExitCode, UsageError } from '../exit.js';
import { isAddress, isKey, readSettings } from '../settings.js';
import type { Shell } from '../shell.js';

/** `pixdock config show` and `pixdock config set url|key VALUE` */
export async function config(shell: Shell, args: readonly string[]): Promise<ExitCode> {
  const [action, name, value] = [...args, ...shell.given.rest];
  if (action === 'show' && name === undefined) return show(shell);
  if (action === 'set' && (name === 'url' || name === 'key') && value !== undefined)
    return set(shell, name, value);
  throw new UsageError(
    'pixdock config show\npixdock config set url http://127.0.0.1:3000\npixdock config set key KEY',
  );
}

async function set({ environment, screen, t }: Shell, name: 'url' | 'key', value: string): Promise<ExitCode> {
  if (name === 'url' && !isAddress(value))
    throw new UsageError(t(`"${value}" is not an http(s) address.`, `“${value}”不是 http(s) 地址。`));
  if (name === 'key' && !isKey(value))
    throw new UsageError(t('This key has characters that no key has.', '此密钥包含无效字符。'));
  const path = configPath(environment);
  await writeConfig(path, { ...(await readConfig(path, t)), [name]: value });
  screen.err(t(`Saved in ${path}`, `已保存到 ${path}`));
  return EXIT.ok;
}

async function show(shell: Shell): Promise<ExitCode> {
  const { url, key, path } = await readSettings(
    { url: shell.given.text('url'), key: shell.given.text('key') },
    shell.environment,
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

/** Enough to tell two keys apart, and no more. */
function mask(key: string): string {
  return key.length < 12 ? '…' : `${key.slice(0, 3)}…${key.slice(-2)}`;
}
