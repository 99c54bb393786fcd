import { expect, it } from 'vitest';
import { checkSettings } from './check-settings.js';
import { readSettings } from './env.js';
import { mistypedSettings } from './mistyped-settings.js';
import { SettingsError } from './settings-error.js';

it('reports the faults of all programs, each once', () => {
  const reader = (name: string) => (environment: Readonly<Record<string, string | undefined>>) =>
    readSettings(environment, (read) => [read.port(name, null), read.bytes('SIZE', 1)]);
  const check = () => checkSettings([reader('A'), reader('B')], { A: 'x', B: 'y', SIZE: 'big' }, 'en');
  expect(check).toThrow(SettingsError);
  try {
    check();
  } catch (error) {
    expect((error as SettingsError).faults.map(({ name }) => name)).toEqual(['A', 'SIZE', 'B']);
  }
  expect(() => checkSettings([reader('A')], {}, 'en')).not.toThrow();
});

it.each([
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ['WORKER_CONCURENCY', 'WORKER_CONCURRENCY'],
  ['MAX_UPLOD_BYTES', 'MAX_UPLOAD_BYTES'],
  ['MAX_UPLOAD_SIZE', 'MAX_UPLOAD_BYTES'],
  ['OSS_BUCKET', 'ALIYUN_OSS_BUCKET'],
  ['ALIYUN_OSS_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_ID'],
  ['OSS_ACCESS_KEY_SECRET', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'],
])('finds that %s is meant to be %s', (name, meant) => {
  expect(mistypedSettings({ [name]: '1', PATH: '/', PORTS: '1', PIXDOCK_PORT: 'tcp://10.0.0.1:80' })).toEqual(
    [{ name, meant }],
  );
  expect(mistypedSettings({ [name]: '1', [meant]: '1' })).toEqual([]);
});

it('names a mistyped setting once, together with the faults', () => {
  const read = (environment: Readonly<Record<string, string>>) => () =>
    readSettings(environment, (reader) => [
      reader.required('ALIYUN_OSS_BUCKET', 'fix'),
      reader.bytes('SIZE', 1),
    ]);
  expect(read({ OSS_BUCKET: 'b' })).toThrow(
    'Pixdock cannot start with these settings:\n  OSS_BUCKET: is not a setting\n    fix: rename it to ALIYUN_OSS_BUCKET',
  );
  const error = String(thrownBy(read({ ALIYUN_OSS_BUCKET: 'b', SIZE: 'big', CORS_ORIGIN: 'x' })));
  expect(error).toContain('CORS_ORIGIN: is not a setting\n    fix: rename it to CORS_ORIGINS');
});

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
