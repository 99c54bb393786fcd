import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Say } from '../messages/cli.js';
import { UsageError } from './exit.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_URL = 'http://127.0.0.1:3000';

export interface Setting {
  value: string | undefined;
  /** Its origin: an option, a variable or a file. */
  from: string;
}

/** Reads the server URL and the key from options, the environment or the config file, in this order. */
export async function readSettings(
  options: { url: string | undefined; key: string | undefined },
  environment: Environment,
  say: Say,
): Promise<{ url: Setting; key: Setting; path: string }> {
  const path = configPath(environment);
  const config = await readConfig(path, say);
  const first = (name: 'url' | 'key', variable: string, fallback: Setting): Setting => {
    if (options[name] !== undefined) return { value: options[name], from: `--${name}` };
    if (environment[variable]) return { value: environment[variable], from: variable };
    return config[name] === undefined ? fallback : { value: config[name], from: path };
  };
  return {
    url: first('url', 'PIXDOCK_URL', { value: DEFAULT_URL, from: say('from-default') }),
    key: first('key', 'PIXDOCK_API_KEY', { value: undefined, from: say('not-set') }),
    path,
  };
}

interface Config {
  url?: string;
  key?: string;
}

/** The path of the config file (XDG base directories). */
export function configPath(environment: Environment): string {
  return join(environment.XDG_CONFIG_HOME || join(homeOf(environment), '.config'), 'pixdock', 'config.json');
}

/** The user's home folder. */
export function homeOf({ HOME }: Environment): string {
  return HOME || homedir();
}

/** @throws UsageError if the file exists but cannot be read or is not JSON */
export async function readConfig(path: string, say: Say): Promise<Config> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw new UsageError(`${path}: ${error.code}`);
  });
  try {
    const { url, key } = JSON.parse(text) as Record<string, unknown>;
    return { ...(typeof url === 'string' && { url }), ...(typeof key === 'string' && { key }) };
  } catch {
    throw new UsageError(say('config-not-json', { path }));
  }
}

/** Replaces the file atomically. Only its owner may read it, because it contains a key. */
export async function writeConfig(path: string, config: Config): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}`;
  await writeFile(next, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  await rename(next, path);
}
