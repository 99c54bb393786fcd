import { SettingsReader } from '@pixdock/shared/runtime/env';
import { readCommonSettings } from '@pixdock/shared/runtime/settings';
import { SettingsError } from '@pixdock/shared/runtime/settings-error';
import { expect, it } from 'vitest';
import { readWorkerConfig } from './config.js';

const WRONG = {
  REDIS_URL: 'localhost',
  REDIS_PREFIX: 'pixdock',
  ACCEPT_FORMATS: 'bmp',
  HEIC_DECODER: 'heif-dec',
  PROFILES_FILE: '/nowhere/profiles.yaml',
  MAX_PIXELS: 'many',
  RETENTION: 'soon',
  SOURCE_PORTS: '0',
  SOURCE_ALLOW: 'intranet',
  AI_LABEL: 'maybe',
  AIGC_PROPAGATOR: 'x'.repeat(201),
  REVIEW_HTTP_URL: 'http://10.0.0.1/',
  REVIEW_HTTP_SECRET: 'secret',
  REVIEW_GIVE_UP: 'never',
  ALIYUN_OSS_ENDPOINT: 'http://oss.example.com/path',
  STAGING_URL: 'my-staging',
};

it('says the problem of each setting and its fix in Chinese', () => {
  const read = () => readWorkerConfig(WRONG, 'zh');
  expect(read).toThrow(SettingsError);
  try {
    read();
  } catch (error) {
    const { faults } = error as SettingsError;
    expect(faults.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(WRONG)));
    for (const { problem, fix } of faults)
      for (const text of [problem, fix]) expect(text).toMatch(/\p{Script=Han}/u);
  }
});

it('accepts HEIC with its decoder, and not by ACCEPT_FORMATS alone', () => {
  const faultsOf = (environment: Record<string, string>): string[] => {
    try {
      readWorkerConfig(environment, 'en');
      return [];
    } catch (error) {
      return (error as SettingsError).faults.map(({ name }) => name);
    }
  };
  expect(faultsOf({ ACCEPT_FORMATS: 'jpeg,heic' })).toContain('ACCEPT_FORMATS');
  expect(faultsOf({ ACCEPT_FORMATS: 'jpeg,heic', HEIC_DECODER: '/usr/bin/heif-dec' })).not.toContain(
    'ACCEPT_FORMATS',
  );
  expect(faultsOf({ HEIC_DECODER: 'wasm' })).not.toContain('HEIC_DECODER');
  const read = new SettingsReader({ ACCEPT_FORMATS: 'jpeg', HEIC_DECODER: '/usr/bin/heif-dec' });
  expect(readCommonSettings(read)).toMatchObject({
    acceptFormats: ['jpeg', 'heic'],
    heicDecoder: '/usr/bin/heif-dec',
  });
});
