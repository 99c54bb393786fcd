import { configPath, readConfig } from './config-file.js';
import { type Environment, languageOf, translator } from './environment.js';

const DEFAULT_URL = 'http://127.0.0.1:3000';

export interface Setting {
  value: string | undefined;
  /** What set it, in words for the user. */
  from: string;
}

/** Whether requests can go there. */
export function isAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** Whether a header can hold it. */
export function isKey(key: string): boolean {
  try {
    return new Headers({ Authorization: `Bearer ${key}` }).get('Authorization') !== 'Bearer';
  } catch {
    return false;
  }
}

/** Where the server is and the key for it: the option wins, then the environment, then the config file. */
export async function readSettings(
  options: { url: string | undefined; key: string | undefined },
  environment: Environment,
): Promise<{ url: Setting; key: Setting; path: string }> {
  const path = configPath(environment);
  const config = await readConfig(path, translator(languageOf(environment)));
  const first = (name: 'url' | 'key', variable: string, otherwise: Setting): Setting => {
    if (options[name] !== undefined) return { value: options[name], from: `--${name}` };
    if (environment[variable]) return { value: environment[variable], from: variable };
    return config[name] === undefined ? otherwise : { value: config[name], from: path };
  };
  return {
    url: first('url', 'PIXDOCK_URL', { value: DEFAULT_URL, from: 'default' }),
    key: first('key', 'PIXDOCK_API_KEY', { value: undefined, from: 'not set' }),
    path,
  };
}
