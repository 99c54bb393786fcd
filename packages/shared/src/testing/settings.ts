import * as fc from 'fast-check';
import { expect } from 'vitest';
import { SettingsError } from '../runtime/settings-error.js';

/** A secret for every part of a setting that may contain one. */
const SECRET = 'hunter2-of-the-fuzz';

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    '007',
    '99999999999999999999',
    '%',
    'true',
    '{pixdock}',
    '@',
    'a,b',
    '*',
  ),
  fc.constantFrom(
    '20MiB',
    '1.5 GB',
    '30d',
    '0s',
    '10.0.0.1:80',
    'jpeg,png',
    'tiff',
    'cn-hangzhou',
    'path',
    'cname',
  ),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
);
const piece = fc.oneof(
  fc.constantFrom('%', '%zz', ':', '@', '/', '[', ']', ',', '?', '#', ' ', ''),
  fc.string(),
);
const secretUrl = fc
  .tuple(
    fc.constantFrom('redis', 'rediss', 'redis-sentinel', 'redis-cluster', 'http', 'https', 'oss'),
    piece,
    piece,
    fc.constantFrom('localhost', '127.0.0.1:6379', '[::1]', 'a,b:1', 'host:99999', '%zz', ''),
    piece,
  )
  .map(([scheme, before, behind, host, path]) => `${scheme}://${before}:${SECRET}${behind}@${host}/${path}`);
const secretText = fc
  .tuple(piece, fc.constantFrom('', 'acme:', 'acme:k,', '@', '@/', 'a b:'), piece)
  .map(([before, owner, behind]) => `${before}${owner}${SECRET}${behind}`);

const SECRETS = ['REDIS_URL', 'ALIYUN_OSS_ENDPOINT', 'ALIYUN_OSS_FILE_DOMAIN'];
const SECRET_TEXTS = [
  'API_KEYS',
  'METADATA_KEY',
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
];

/** Environments with arbitrary values of some of these variables, and with secrets. */
export function environments(names: readonly string[]): fc.Arbitrary<NodeJS.ProcessEnv> {
  const values = names.map((name): [string, fc.Arbitrary<string>] => [
    name,
    SECRETS.includes(name)
      ? fc.oneof(secretUrl, anything)
      : SECRET_TEXTS.includes(name)
        ? fc.oneof(secretText, anything)
        : anything,
  ]);
  return fc.record(Object.fromEntries(values), { requiredKeys: [] });
}

/** Asserts that settings are read, or refused with the variable of every fault and without a secret. */
export function expectReadable(
  read: (environment: NodeJS.ProcessEnv) => unknown,
  environment: NodeJS.ProcessEnv,
): void {
  try {
    read(environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(error.message).not.toContain(SECRET);
    for (const { name, problem, fix } of error.faults) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect(problem).not.toBe('');
      expect(fix).not.toBe('');
    }
  }
}
