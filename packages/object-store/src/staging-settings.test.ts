import { resolve } from 'node:path';
import type { Language } from '@pixdock/contract/messages/text';
import { readSettings } from '@pixdock/shared/runtime/env';
import { SettingsError } from '@pixdock/shared/runtime/settings-error';
import { expect, it } from 'vitest';
import { readStoreSettings } from './settings.js';
import { readStagingSettings } from './staging-settings.js';

const OSS = {
  ALIYUN_OSS_ENDPOINT: 'oss-cn-hangzhou.aliyuncs.com',
  ALIYUN_OSS_REGION: 'cn-hangzhou',
  ALIYUN_OSS_BUCKET: 'my-images',
  ALIYUN_OSS_FILE_DOMAIN: 'img.example.com',
  ALIYUN_OSS_PREFIX: 'shop',
  ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI5t',
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'hush',
};

const read = (over: Record<string, string>, language?: Language) =>
  readSettings({ ...OSS, ...over }, (reader) => readStagingSettings(reader), language);

function faultsOf(over: Record<string, string>, language?: Language) {
  try {
    read(over, language);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  throw new Error('expected a fault');
}

it('is the folder in DATA_DIR without STAGING_URL, and then needs no setting of OSS', () => {
  const settings = { DATA_DIR: '/srv/pixdock', STAGING_URL: ' ' };
  const folder = { kind: 'folder', dataDir: '/srv/pixdock' };
  expect(readSettings(settings, (reader) => readStagingSettings(reader))).toEqual(folder);
});

it.each([
  ['oss://my-staging', ''],
  ['OSS://my-staging/', ''],
  ['oss://my-staging/pixdock', 'pixdock/'],
  ['oss://my-staging/pixdock/private/', 'pixdock/private/'],
  ['oss://my-staging/private', 'private/'],
])('reads %s, with the endpoint and credentials of ALIYUN_OSS_*', (url, prefix) => {
  expect(read({ STAGING_URL: url })).toEqual({
    kind: 'bucket',
    dataDir: resolve('.data'),
    bucket: {
      endpoint: 'https://oss-cn-hangzhou.aliyuncs.com',
      region: 'cn-hangzhou',
      addressing: 'virtual',
      credentials: { from: 'static', accessKeyId: 'LTAI5t', accessKeySecret: 'hush', securityToken: null },
      bucket: 'my-staging',
      prefix,
    },
  });
});

it.each([
  ['my-staging', 'is not an oss:// address'],
  ['https://my-staging.oss-cn-hangzhou.aliyuncs.com', 'is not an oss:// address'],
  ['oss://', 'is not an oss:// address'],
  ['oss:///pixdock', 'is not an oss:// address'],
  ['oss://me@my-staging', 'a user name'],
  ['oss://my-staging/?x=1', 'a query'],
  ['oss://my-staging#x', '"#"'],
  ['oss://my-staging/a b', 'white space'],
  ['oss://My_Staging', '"My_Staging" is not a bucket name'],
  ['oss://my-staging.oss-cn-hangzhou.aliyuncs.com', 'is not a bucket name'],
  ['oss://my-staging:9010', '"my-staging:9010" is not a bucket name'],
  ['oss://my-staging//pixdock', '"/pixdock" begins with "/"'],
  ['oss://my-staging/a/../b', '"a/../b" has a "." or ".." segment'],
  ['oss://my-staging/Pixdock', '"Pixdock" has characters other than'],
])('rejects %s', (url, problem) => {
  const fix = expect.stringContaining('oss://BUCKET/PREFIX');
  expect(faultsOf({ STAGING_URL: url })).toEqual([
    { name: 'STAGING_URL', problem: expect.stringContaining(problem), fix },
  ]);
});

it('does not print a password', () => {
  const faults = faultsOf({ STAGING_URL: 'oss://me:hunter2@my-staging' });
  expect(JSON.stringify(faults)).not.toContain('hunter2');
});

it.each(['ALIYUN_OSS_BUCKET', 'ALIYUN_OSS_PRIVATE_BUCKET'])(
  'rejects the bucket of %s, below any prefix',
  (name) => {
    for (const url of ['oss://both', 'oss://both/staging', 'oss://both/shop/staging'])
      expect(faultsOf({ [name]: 'both', STAGING_URL: url })).toEqual([
        {
          name: 'STAGING_URL',
          problem: `names the bucket of ${name}, from which clients get images`,
          fix: expect.stringContaining('another bucket with the ACL private'),
        },
      ]);
  },
);

it('rejects an endpoint that serves one bucket alone', () => {
  const cname = { ALIYUN_OSS_ADDRESSING: 'cname', ALIYUN_OSS_ENDPOINT: 'https://img.example.com' };
  expect(faultsOf({ ...cname, STAGING_URL: 'oss://my-staging' })).toEqual([
    {
      name: 'STAGING_URL',
      problem: expect.stringContaining('ALIYUN_OSS_ADDRESSING=cname'),
      fix: expect.stringContaining('set ALIYUN_OSS_ADDRESSING to virtual'),
    },
  ]);
});

it('needs the settings of OSS, and reports each of their faults once', () => {
  const incomplete = { ALIYUN_OSS_ENDPOINT: '', STAGING_URL: 'my-staging' };
  const names = ['ALIYUN_OSS_ENDPOINT', 'STAGING_URL'];
  expect(faultsOf(incomplete).map(({ name }) => name)).toEqual(names);
  const readBoth = () =>
    readSettings({ ...OSS, ...incomplete }, (reader) =>
      readStagingSettings(reader, readStoreSettings(reader)),
    );
  expect(readBoth).toThrow(
    expect.objectContaining({ faults: names.map((name) => expect.objectContaining({ name })) }),
  );
});

it('reports faults in the language of the reader', () => {
  expect(faultsOf({ STAGING_URL: 'oss://my-images' }, 'zh')[0]?.problem).toBe(
    '与 ALIYUN_OSS_BUCKET 是同一个 Bucket，而客户端会从中读取图片',
  );
});
