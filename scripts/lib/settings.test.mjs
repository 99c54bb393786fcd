import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { METADATA_KEY } from '../../packages/shared/src/testing/metadata-keys.js';
import { temporaryFolder } from '../../packages/shared/src/testing/temporary-folder.js';
import { ROOT } from './root.mjs';
import {
  checkSettings,
  dataDirOf,
  firstKey,
  isSet,
  ossEnvironment,
  readEnvironment,
  wantsLocalOss,
  withLocalOss,
} from './settings.mjs';

function makeRoot(dotEnv) {
  const root = temporaryFolder();
  if (dotEnv !== undefined) writeFileSync(join(root, '.env'), dotEnv);
  return root;
}

test('prefers the environment to .env', () => {
  const root = makeRoot('PORT=4000\n# a comment\nAPI_KEYS="acme:a key"\n');
  expect(readEnvironment(root, { PORT: '5000' })).toEqual({ PORT: '5000', API_KEYS: 'acme:a key' });
});

test('ignores a byte order mark at the start of .env', () => {
  expect(readEnvironment(makeRoot('\uFEFFPORT=4000\nA=1\n'), {})).toEqual({ PORT: '4000', A: '1' });
});

test('works without .env and treats an empty value as unset', () => {
  expect(readEnvironment(makeRoot(), { A: '1' })).toEqual({ A: '1' });
  expect([isSet({ A: ' ' }, 'A'), isSet({}, 'A'), isSet({ A: '0' }, 'A')]).toEqual([false, false, true]);
});

test('resolves DATA_DIR relative to the checkout', () => {
  expect(dataDirOf('/srv/pixdock', {})).toBe('/srv/pixdock/.data');
  expect(dataDirOf('/srv/pixdock', { DATA_DIR: 'data' })).toBe('/srv/pixdock/data');
  expect(dataDirOf('/srv/pixdock', { DATA_DIR: '/var/data' })).toBe('/var/data');
});

test('shows the first API key of the settings', () => {
  const root = makeRoot();
  writeFileSync(join(root, 'keys'), '# a comment\nacme:one\nother:two\n');
  expect(firstKey(root, {})).toBeNull();
  expect(firstKey(root, { API_KEYS: 'acme:a:b, other:c' })).toEqual({ owner: 'acme', key: 'a:b' });
  expect(firstKey(root, { API_KEYS: '@keys' })).toEqual({ owner: 'acme', key: 'one' });
  expect(firstKey(root, { API_KEYS: '@missing' })).toBeNull();
});

const ALL = {
  ALIYUN_OSS_ENDPOINT: 'oss-cn-hangzhou.aliyuncs.com',
  ALIYUN_OSS_REGION: 'cn-hangzhou',
  ALIYUN_OSS_BUCKET: 'photos',
  ALIYUN_OSS_FILE_DOMAIN: 'https://img.example.com',
};

test('selects a bucket with all four settings and the local OSS with none, whatever the credentials', () => {
  expect(wantsLocalOss(ALL)).toBe(false);
  expect(wantsLocalOss({})).toBe(true);
  expect(wantsLocalOss({ ALIYUN_OSS_BUCKET: ' ', ALIBABA_CLOUD_ACCESS_KEY_ID: 'x' })).toBe(true);
});

const VALID = { API_KEYS: 'acme:0123456789abcdefghij', METADATA_KEY, DATA_DIR: tmpdir() };
const CREDENTIALS = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'id', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'secret' };

test.each(Object.keys(ALL))('names %s alone in the error when only it is missing', async (name) => {
  const settings = { ...VALID, ...ALL, ...CREDENTIALS };
  await checkSettings(ROOT, settings);
  const { message } = await checkSettings(ROOT, { ...settings, [name]: '' }).catch((error) => error);
  expect(message).toMatch(new RegExp(`^ALIYUN_.*${name} is missing\\. .*$`));
});

test('hides the user’s credentials from the API, the worker and the local OSS', () => {
  const user = {
    PATH: '/bin',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'real',
    ALIBABA_CLOUD_SECURITY_TOKEN: 'real',
    NODE_ENV: 'production',
  };
  const oss = {
    endpoint: 'http://localhost:9010',
    publicUrl: 'http://192.0.2.7:9010',
    port: 9010,
    bucket: 'pixdock-dev',
    privateBuckets: ['pixdock-dev-private'],
    region: 'cn-hangzhou',
    accessKeyId: 'id',
    accessKeySecret: 'secret',
  };
  const both = [withLocalOss(user, oss), ossEnvironment(user, [9010], '/data/oss')];
  expect(JSON.stringify(both)).not.toContain('real');
  expect(ossEnvironment(user, [9010], '/data/oss')).not.toHaveProperty('NODE_ENV');
  expect(withLocalOss(user, oss)).toMatchObject({
    ALIYUN_OSS_ENDPOINT: 'http://localhost:9010',
    ALIYUN_OSS_FILE_DOMAIN: 'http://192.0.2.7:9010/pixdock-dev',
    ALIYUN_OSS_PRIVATE_FILE_DOMAIN: 'http://192.0.2.7:9010/pixdock-dev-private',
    ALIYUN_OSS_ADDRESSING: 'path',
  });
});

test('lets the local OSS listen where the API does, unless its own settings say otherwise', () => {
  const environmentOf = (user) => ossEnvironment(user, [9010], '/data/oss');
  const lan = environmentOf({ HOST: ' 192.0.2.7 ' });
  expect(lan).toMatchObject({ OSS_DEV_BIND: '192.0.2.7', OSS_DEV_ALLOW_NON_LOOPBACK: 'true' });
  expect(environmentOf({ HOST: '192.0.2.7', OSS_DEV_BIND: '::1' })).toMatchObject({ OSS_DEV_BIND: '::1' });
  for (const HOST of [undefined, ' ']) expect(environmentOf({ HOST })).not.toHaveProperty('OSS_DEV_BIND');
});

test('lets the local OSS listen on the port of OSS_DEV_PORT', () => {
  const portOf = (user) => ossEnvironment(user, [9010, 0], '/data/oss').OSS_DEV_PORT;
  expect([portOf({ OSS_DEV_PORT: ' 9100 ' }), portOf({ OSS_DEV_PORT: '' }), portOf({})]).toEqual([
    '9100',
    '9010,0',
    '9010,0',
  ]);
});

test('lets the local OSS have the bucket of STAGING_URL', async () => {
  const bucketsOf = (user) => ossEnvironment(user, [9010], '/data/oss').OSS_DEV_PRIVATE_BUCKETS;
  const STAGING_URL = 'oss://my-staging/pixdock';
  expect(bucketsOf({ STAGING_URL })).toBe('pixdock-dev-private,my-staging');
  expect(bucketsOf({ STAGING_URL, OSS_DEV_PRIVATE_BUCKETS: 'mine' })).toBe('mine,my-staging');
  expect(bucketsOf({ STAGING_URL: '' })).toBeUndefined();
  await checkSettings(ROOT, { ...VALID, STAGING_URL });
  await expect(checkSettings(ROOT, { ...VALID, STAGING_URL: 'oss://pixdock-dev' })).rejects.toThrow(
    'STAGING_URL: names the bucket of ALIYUN_OSS_BUCKET',
  );
});

test('names an OSS_DEV_PORT that is not a port', async () => {
  await checkSettings(ROOT, { ...VALID, OSS_DEV_PORT: '0' });
  for (const OSS_DEV_PORT of ['many', '65536', '-1'])
    await expect(checkSettings(ROOT, { ...VALID, OSS_DEV_PORT })).rejects.toThrow(
      `OSS_DEV_PORT is not a port: "${OSS_DEV_PORT}".`,
    );
});
