import type { Say } from '../messages/cli.js';
import { configPath, readConfig } from './config-file.js';
import type { Environment } from './environment.js';

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
