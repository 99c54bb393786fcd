import { expect, test } from 'vitest';
import { localOssEnvironment, wantsLocalOss, withLocalOss } from './oss-settings.mjs';

const ALL = {
  ALIYUN_OSS_ENDPOINT: 'oss-cn-hangzhou.aliyuncs.com',
  ALIYUN_OSS_REGION: 'cn-hangzhou',
  ALIYUN_OSS_BUCKET: 'photos',
  ALIYUN_OSS_FILE_DOMAIN: 'https://img.example.com',
};

test('all four name a bucket, none asks for the local OSS, credentials alone change nothing', () => {
  expect(wantsLocalOss(ALL)).toBe(false);
  expect(wantsLocalOss({})).toBe(true);
  expect(wantsLocalOss({ ALIYUN_OSS_BUCKET: ' ', ALIBABA_CLOUD_ACCESS_KEY_ID: 'x' })).toBe(true);
});

test.each(Object.keys(ALL))('without %s alone the error names it', (name) => {
  expect(() => wantsLocalOss({ ...ALL, [name]: '' })).toThrow(`${name} is missing`);
});

test('the local OSS hides the user’s credentials from API and worker, and theirs from itself', () => {
  const user = {
    PATH: '/bin',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'real',
    ALIBABA_CLOUD_SECURITY_TOKEN: 'real',
    NODE_ENV: 'production',
  };
  expect(
    JSON.stringify([withLocalOss(user, 9010), localOssEnvironment(user, 9010, '/data/oss')]),
  ).not.toContain('real');
  expect(localOssEnvironment(user, 9010, '/data/oss')).not.toHaveProperty('NODE_ENV');
  expect(withLocalOss(user, 9010)).toMatchObject({
    ALIYUN_OSS_ENDPOINT: 'http://localhost:9010',
    ALIYUN_OSS_FILE_DOMAIN: 'http://localhost:9010/pixdock-dev',
    ALIYUN_OSS_ADDRESSING: 'path',
  });
});
