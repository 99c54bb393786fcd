import { availableParallelism } from 'node:os';
import { SETTINGS as KNOWN_SETTINGS } from '@pixdock/shared/runtime/mistyped-settings';
import { METADATA_KEY } from '@pixdock/shared/testing/metadata-keys';
import { expect, test } from 'vitest';
import { readApiConfig } from '../../../apps/api/src/config.js';
import { readWorkerConfig } from '../../../apps/worker/src/config.js';
import { readText } from './checkout.js';
import { tableBelow } from './markdown.js';

type Environment = Record<string, string>;

const APPS = { api: readApiConfig, worker: readWorkerConfig };
/** Settings without a default, apart from those of the private Redis and the local OSS. */
const REQUIRED: Environment = {
  API_KEYS: 'acme:0123456789abcdef0123',
  METADATA_KEY,
  REDIS_URL: 'redis://127.0.0.1:1',
  ALIBABA_CLOUD_ACCESS_KEY_ID: 'id',
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'secret',
  ALIYUN_OSS_ENDPOINT: 'oss-cn-hangzhou.aliyuncs.com',
  ALIYUN_OSS_REGION: 'cn-hangzhou',
  ALIYUN_OSS_BUCKET: 'images',
  ALIYUN_OSS_FILE_DOMAIN: 'https://img.example.com',
};
/** Values of defaults that the tables write as words. */
const WORDS: Environment = {
  empty: '',
  空: '',
  none: '',
  无: '',
  cores: String(availableParallelism()),
  'CPU 核数': String(availableParallelism()),
};
/** Settings that the images set, that compose publishes as a port, that name a mounted file, or that ACK sets in a pod. */
const NOT_IN_COMPOSE = [
  'HOST',
  'PORT',
  'DATA_DIR',
  'PROFILES_FILE',
  'ALIBABA_CLOUD_ROLE_ARN',
  'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
  'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
];
/** Settings that only `npm start` reads. */
const OF_NPM_START = ['OSS_DEV_PORT'];
/** Variables of the system, from which DEFAULT_LANGUAGE gets its default. */
const LOCALE = ['LC_ALL', 'LC_MESSAGES', 'LANG'];
/** Settings with another default in compose: 2, because a worker has a memory limit there, and the port of its health check. */
const OWN_DEFAULT = ['WORKER_CONCURRENCY', 'WORKER_METRICS_PORT'];

const SETTINGS = [...new Set([...namesReadBy('api'), ...namesReadBy('worker')])].toSorted();
const EXAMPLE = readText('.env.example');

test.each([
  ['README.md', /^Settings/],
  ['README.zh-CN.md', /^配置/],
] as const)('%s lists every setting, each with its default', (page, heading) => {
  const rows = tableBelow(readText(page), heading);
  const defaults = rows.flatMap(([names = '', values = '']) => defaultsIn(names, values));
  expect(defaults.map(([name]) => name).toSorted()).toEqual([...SETTINGS, ...OF_NPM_START].toSorted());
  expectDefaults(defaults.filter(([name]) => SETTINGS.includes(name)));
});

test('mistyped names are compared with every setting', () => {
  expect(SETTINGS.filter((name) => !KNOWN_SETTINGS.some((known) => known === name))).toEqual([]);
});

test('.env.example lists every setting, each with its default', () => {
  const settings = [...EXAMPLE.matchAll(/^# ([A-Z][A-Z_]+)=(.*)$/gm)].map(
    ([, name = '', value = '']): [string, string] => [name, value],
  );
  const names = settings.map(([name]) => name);
  expect([...SETTINGS, ...OF_NPM_START].filter((name) => !names.includes(name))).toEqual([]);
  expectDefaults(settings.filter(([name]) => SETTINGS.includes(name)));
});

test.each(['api', 'worker'] as const)('docker-compose.yml passes every setting on to the %s', (app) => {
  const passed = environmentOf(app);
  const missing = namesReadBy(app).filter((name) => !NOT_IN_COMPOSE.includes(name) && !(name in passed));
  expect(missing).toEqual([]);
  expect(Object.keys(passed).filter((name) => !namesReadBy(app).includes(name))).toEqual([]);
  const defaults = Object.entries(passed).flatMap(([name, value]): [string, string][] => {
    const [, fallback] = /\$\{\w+:-([^}]*)\}/.exec(value) ?? [];
    return fallback === undefined || OWN_DEFAULT.includes(name) ? [] : [[name, fallback]];
  });
  expectDefaults(defaults);
});

test('.env.example has every variable of docker-compose.yml, with the same default', () => {
  const used = [...readText('docker-compose.yml').matchAll(/(?<!\$)\$\{([A-Z_]+)(?::-([^}]*))?/g)];
  const wrong = used.filter(([, name = '', fallback = '']) => {
    const [, value] = new RegExp(`^# ${name}=(.*)$`, 'm').exec(EXAMPLE) ?? [];
    return value === undefined || (fallback !== '' && value !== fallback && !OWN_DEFAULT.includes(name));
  });
  expect(wrong.map(([text]) => text)).toEqual([]);
});

/** Fails unless both apps read the same settings with these defaults as without them. */
function expectDefaults(defaults: readonly (readonly [string, string])[]): void {
  const own = defaults.filter(([name]) => !(name in REQUIRED));
  for (const read of Object.values(APPS))
    expect(plain(read({ ...REQUIRED, ...Object.fromEntries(own) }))).toEqual(plain(read(REQUIRED)));
}

/** Settings without their functions, which are never equal. */
const plain = (settings: object): unknown =>
  JSON.parse(
    JSON.stringify(settings, (_, value) =>
      value instanceof Map || value instanceof Set ? [...value] : value,
    ),
  );

/** Names that the app looks up in its environment. */
function namesReadBy(app: keyof typeof APPS): string[] {
  const names = new Set<string>();
  const environment = new Proxy(REQUIRED, {
    get(target, name: string) {
      names.add(name);
      return target[name];
    },
  });
  APPS[app](environment);
  return [...names].filter((name) => !LOCALE.includes(name));
}

/** Names and defaults of one row: as many defaults as names, or one for all. */
function defaultsIn(names: string, values: string): [string, string][] {
  const all = names.split(/, |、/).map((name) => name.replaceAll('`', ''));
  const given = values.split(/, |、/).map((value) => value.replaceAll('`', ''));
  return all.map((name, at) => {
    const value = given.length === all.length ? (given[at] ?? '') : values;
    // Any other text means that the setting is optional.
    const isValue = value in WORDS || !/[ \p{Script=Han}]/u.test(value);
    return [name, isValue ? (WORDS[value] ?? value) : ''];
  });
}

/** Variables that compose passes on to a service, with those of `x-settings`. */
function environmentOf(service: string): Environment {
  const file = readText('docker-compose.yml');
  const shared = /^x-settings:[\s\S]*?\n\n/m.exec(file)?.[0] ?? '';
  const own = new RegExp(`^  ${service}:\\n(?:    .*\\n|\\n)+`, 'm').exec(file)?.[0] ?? '';
  const environment = /^ {4}environment:\n(?: {6}.*\n)+/m.exec(own)?.[0] ?? '';
  const lines = `${shared}${environment}`.matchAll(/^ +([A-Z][A-Z_]+): (.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}
