import { expect, test } from 'vitest';
import { localOssEnvironment, wantsLocalOss, withLocalOss } from './oss-settings.mjs';

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

test.each(Object.keys(ALL))('names %s in the error when only it is missing', (name) => {
  expect(() => wantsLocalOss({ ...ALL, [name]: '' })).toThrow(`${name} is missing`);
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
    bucket: 'pixdock-dev',
    region: 'cn-hangzhou',
    accessKeyId: 'id',
    accessKeySecret: 'secret',
  };
  const both = [withLocalOss(user, oss), localOssEnvironment(user, 9010, '/data/oss')];
  expect(JSON.stringify(both)).not.toContain('real');
  expect(localOssEnvironment(user, 9010, '/data/oss')).not.toHaveProperty('NODE_ENV');
  expect(withLocalOss(user, oss)).toMatchObject({
    ALIYUN_OSS_ENDPOINT: 'http://localhost:9010',
    ALIYUN_OSS_FILE_DOMAIN: 'http://localhost:9010/pixdock-dev',
    ALIYUN_OSS_ADDRESSING: 'path',
  });
});
