import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SettingFault, SettingsError } from '@pixdock/shared/runtime/settings-error';
import { expect, it, onTestFinished } from 'vitest';
import { readApiConfig } from './config.js';

/** The faults of one setting. */
function faultsOf(name: string, environment: NodeJS.ProcessEnv, language: 'en' | 'zh'): SettingFault[] {
  try {
    readApiConfig(environment, language);
  } catch (error) {
    return (error as SettingsError).faults.filter((fault) => fault.name === name);
  }
  throw new Error('it was accepted');
}

it('refuses a staging that cannot hold the largest upload', () => {
  const faults = (max: string, upload: string) =>
    faultsOf('STAGING_MAX_BYTES', { STAGING_MAX_BYTES: max, MAX_UPLOAD_BYTES: upload }, 'en');
  expect(faults('1MiB', '20MiB')).toMatchObject([
    { problem: '1 MiB cannot hold one upload of MAX_UPLOAD_BYTES (20 MiB)' },
  ]);
  expect(faults('20MiB', '20MiB')).toEqual([]);
});

it('refuses more than three keys in METADATA_INDEX, and long ones', () => {
  const faults = (keys: string) => faultsOf('METADATA_INDEX', { METADATA_INDEX: keys }, 'en');
  expect(faults('color,season,颜色,color')).toEqual([]);
  expect(faults('a,b,c,d')).toMatchObject([
    { problem: 'has 4 keys', fix: expect.stringContaining('at most 3 keys') },
  ]);
  expect(faults('x'.repeat(65))).toMatchObject([{ problem: expect.stringContaining('64 characters') }]);
});

it('reports wrong values of CORS_ORIGINS, LIMITS_FILE and STAGING_URL in the language of the reader', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const limits = join(folder, 'limits.yml');
  writeFileSync(limits, 'owners: { carol: { waits: 9 } }');
  const environment = { CORS_ORIGINS: 'shop.example.com/a', LIMITS_FILE: limits, STAGING_URL: 'my-staging' };
  for (const name of ['CORS_ORIGINS', 'LIMITS_FILE', 'STAGING_URL']) {
    for (const { problem, fix } of faultsOf(name, environment, 'zh'))
      for (const sentence of [problem, fix]) expect(sentence).toMatch(/\p{Script=Han}/u);
    for (const { problem, fix } of faultsOf(name, environment, 'en'))
      for (const sentence of [problem, fix]) expect(sentence).not.toMatch(/\p{Script=Han}/u);
    expect(faultsOf(name, environment, 'zh')).toHaveLength(1);
  }
});

it('reports faults in the language of DEFAULT_LANGUAGE, also one of that setting', () => {
  const read = (environment: NodeJS.ProcessEnv) => () => readApiConfig(environment);
  expect(read({ DEFAULT_LANGUAGE: 'zh', LANG: 'C' })).toThrow('配置有误');
  expect(read({ DEFAULT_LANGUAGE: 'zh-CN', LANG: 'zh_CN.UTF-8' })).toThrow(
    /DEFAULT_LANGUAGE：“zh-CN”.*\n.*en、zh/,
  );
  expect(read({ LANG: 'zh_CN.UTF-8' })).toThrow('配置有误');
  expect(read({})).toThrow('cannot start with these settings');
});
