import { profileSchema } from '@pixdock/contract/profile';
import { readSettings } from '@pixdock/shared/runtime/env';
import { SettingsError } from '@pixdock/shared/runtime/settings-error';
import { describe, expect, it } from 'vitest';
import { readStoreSettings } from './settings.js';

const GOOD = {
  ALIYUN_OSS_ENDPOINT: 'oss-cn-hangzhou.aliyuncs.com',
  ALIYUN_OSS_REGION: 'oss-cn-hangzhou',
  ALIYUN_OSS_BUCKET: 'my-images',
  ALIYUN_OSS_FILE_DOMAIN: 'img.example.com',
  ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI5t',
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'hush',
};

it('normalises valid settings', () => {
  expect(read({})).toEqual({
    endpoint: 'https://oss-cn-hangzhou.aliyuncs.com',
    region: 'cn-hangzhou',
    bucket: 'my-images',
    addressing: 'virtual',
    fileDomain: 'https://img.example.com',
    prefix: '',
    prefixes: [''],
    privateBucket: null,
    cdnAuth: null,
    credentials: { from: 'static', accessKeyId: 'LTAI5t', accessKeySecret: 'hush', securityToken: null },
    warnings: [],
  });
});

it('reports every missing setting with a fix', () => {
  const faults = faultsOf(Object.fromEntries(Object.keys(GOOD).map((name) => [name, ''])));
  expect(faults.map(({ name }) => name).toSorted()).toEqual(Object.keys(GOOD).toSorted());
  for (const { fix } of faults) expect(fix).not.toBe('');
});

describe('credentials', () => {
  const none = { ALIBABA_CLOUD_ACCESS_KEY_ID: '', ALIBABA_CLOUD_ACCESS_KEY_SECRET: '' };
  const oidc = {
    ALIBABA_CLOUD_ROLE_ARN: 'acs:ram::1:role/pixdock',
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: 'acs:ram::1:oidc-provider/ack',
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: '/var/run/secrets/ack/token',
  };

  it('reads a role of ACK, a role of ECS, or an address that replies with a key pair', () => {
    expect(read({ ...none, ...oidc }).credentials).toEqual({
      from: 'oidc',
      roleArn: 'acs:ram::1:role/pixdock',
      providerArn: 'acs:ram::1:oidc-provider/ack',
      tokenFile: '/var/run/secrets/ack/token',
    });
    expect(read({ ...none, ALIBABA_CLOUD_ECS_METADATA: 'pixdock' }).credentials).toEqual({
      from: 'ecs-role',
      roleName: 'pixdock',
    });
    const uri = 'http://127.0.0.1:8080/credentials?role=pixdock';
    expect(read({ ...none, ALIBABA_CLOUD_CREDENTIALS_URI: uri }).credentials).toEqual({ from: 'uri', uri });
  });

  it('prefers the key pair, then the role of ACK, as the SDKs do', () => {
    expect(read({ ...oidc, ALIBABA_CLOUD_ECS_METADATA: 'pixdock' }).credentials.from).toBe('static');
    const both = { ...none, ...oidc, ALIBABA_CLOUD_ECS_METADATA: 'pixdock' };
    expect(read(both).credentials.from).toBe('oidc');
  });

  it('names what is missing of a role of ACK', () => {
    const faults = faultsOf({ ...none, ...oidc, ALIBABA_CLOUD_OIDC_TOKEN_FILE: '' });
    expect(faults.map(({ name }) => name)).toEqual(['ALIBABA_CLOUD_OIDC_TOKEN_FILE']);
  });

  it('refuses an address that is not one', () => {
    const faults = faultsOf({ ...none, ALIBABA_CLOUD_CREDENTIALS_URI: 'metadata.internal/key' });
    expect(faults.map(({ name }) => name)).toEqual(['ALIBABA_CLOUD_CREDENTIALS_URI']);
  });
});

describe('endpoint', () => {
  it.each([
    ['localhost:9010', 'https://localhost:9010'],
    ['http://localhost:9010', 'http://localhost:9010'],
    ['http://oss.localhost:9010/', 'http://oss.localhost:9010'],
    ['HTTPS://OSS-CN-HANGZHOU.aliyuncs.com', 'https://oss-cn-hangzhou.aliyuncs.com'],
  ])('reads %s as %s', (raw, endpoint) => {
    expect(read({ ALIYUN_OSS_ENDPOINT: raw }).endpoint).toBe(endpoint);
  });

  it.each([
    'http://oss-cn-hangzhou.aliyuncs.com',
    'http://10.0.0.5:9000',
    'ftp://oss.example.com',
    'https://oss.example.com/my-images',
    'https://oss.example.com?x=1',
    'https://oss.example.com#x',
    'https://oss .example.com',
    'https://oss.example.com:port',
    'http://[::1]:9010',
    'https://',
  ])('rejects %s', (raw) => {
    expect(faultsOf({ ALIYUN_OSS_ENDPOINT: raw, ALIYUN_OSS_ADDRESSING: 'path' })[0]?.name).toBe(
      'ALIYUN_OSS_ENDPOINT',
    );
  });

  it('does not print a password', () => {
    const faults = faultsOf({ ALIYUN_OSS_ENDPOINT: 'https://me:hunter2@oss.example.com' });
    expect(faults).toHaveLength(1);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  it('allows plain http with ALIYUN_OSS_ALLOW_HTTP', () => {
    const settings = { ALIYUN_OSS_ENDPOINT: 'http://oss.lan:9000', ALIYUN_OSS_ALLOW_HTTP: 'true' };
    expect(read(settings).endpoint).toBe('http://oss.lan:9000');
  });
});

describe('addressing', () => {
  it.each([
    ['path', 'http://127.0.0.1:9010'],
    ['cname', 'https://img.example.com'],
    ['cname', 'https://my-images.oss-cn-hangzhou.aliyuncs.com'],
    ['virtual', 'https://oss-accelerate.aliyuncs.com'],
    ['virtual', 'https://oss-cn-hangzhou-internal.aliyuncs.com'],
  ])('accepts %s with %s', (addressing, endpoint) => {
    expect(read({ ALIYUN_OSS_ADDRESSING: addressing, ALIYUN_OSS_ENDPOINT: endpoint })).toMatchObject({
      addressing,
      endpoint,
      warnings: [],
    });
  });

  it.each([
    ['virtual', 'http://127.0.0.1:9010'],
    ['virtual', 'https://my-images.oss-cn-hangzhou.aliyuncs.com'],
    ['path', 'https://oss-cn-hangzhou.aliyuncs.com'],
    ['cname', 'https://oss-cn-hangzhou.aliyuncs.com'],
    ['subdomain', 'https://oss-cn-hangzhou.aliyuncs.com'],
  ])('rejects %s with %s', (addressing, endpoint) => {
    const faults = faultsOf({ ALIYUN_OSS_ADDRESSING: addressing, ALIYUN_OSS_ENDPOINT: endpoint });
    expect(faults.map(({ name }) => name)).toEqual(['ALIYUN_OSS_ADDRESSING']);
  });
});

it.each(['cn-hangzhou', 'oss-cn-hangzhou', 'us-west-1', 'ap-southeast-1', 'OSS-CN-Hangzhou'])(
  'accepts the region %s',
  (region) => {
    expect(read({ ALIYUN_OSS_REGION: region }).region).toBe(region.toLowerCase().replace('oss-', ''));
  },
);

it.each(['hangzhou', 'oss-cn-hangzhou.aliyuncs.com', 'cn hangzhou', 'oss-cn-hangzhou-internal'])(
  'rejects the region %s',
  (region) => {
    expect(faultsOf({ ALIYUN_OSS_REGION: region })[0]?.name).toBe('ALIYUN_OSS_REGION');
  },
);

it.each(['ab', 'My-Images', '-images', 'images-', 'my_images', 'a.b', 'oss://images', 'x'.repeat(64)])(
  'rejects the bucket %s',
  (bucket) => {
    expect(faultsOf({ ALIYUN_OSS_BUCKET: bucket })[0]?.name).toBe('ALIYUN_OSS_BUCKET');
  },
);

it.each([
  ['images', 'images/'],
  ['team-a/images/', 'team-a/images/'],
  ['.well_known', '.well_known/'],
])('reads the prefix %s as %s', (raw, prefix) => {
  expect(read({ ALIYUN_OSS_PREFIX: raw }).prefix).toBe(prefix);
});

it.each(['/images', 'a//b', 'a/../b', './a', '..', 'Images', 'a b', '图片', 'a\\b', 'x'.repeat(900)])(
  'rejects the prefix %s',
  (raw) => {
    expect(faultsOf({ ALIYUN_OSS_PREFIX: raw })[0]?.name).toBe('ALIYUN_OSS_PREFIX');
  },
);

it.each([
  ['img.example.com/', 'https://img.example.com'],
  ['http://localhost:9010/bucket', 'http://localhost:9010/bucket'],
  ['https://cdn.example.com/a/b/', 'https://cdn.example.com/a/b'],
])('reads the file domain %s as %s', (raw, fileDomain) => {
  expect(read({ ALIYUN_OSS_FILE_DOMAIN: raw })).toMatchObject({ fileDomain, warnings: [] });
});

it.each([
  'https://img.example.com?x',
  'https://a@img.example.com',
  'img example.com',
  'ftp://img.example.com',
])('rejects the file domain %s', (raw) => {
  expect(faultsOf({ ALIYUN_OSS_FILE_DOMAIN: raw })[0]?.name).toBe('ALIYUN_OSS_FILE_DOMAIN');
});

it('warns about forced downloads and an endpoint in another region', () => {
  const { warnings } = read({
    ALIYUN_OSS_FILE_DOMAIN: 'my-images.oss-cn-hangzhou.aliyuncs.com',
    ALIYUN_OSS_REGION: 'cn-beijing',
  });
  expect(warnings).toHaveLength(2);
  expect(warnings.join()).toContain('ALIYUN_OSS_FILE_DOMAIN');
  expect(warnings.join()).toContain('cn-beijing');
});

it('does not print an invalid secret', () => {
  const faults = faultsOf({ ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'hunter 2' });
  expect(faults.map(({ name }) => name)).toEqual(['ALIBABA_CLOUD_ACCESS_KEY_SECRET']);
  expect(JSON.stringify(faults)).not.toContain('hunter');
});

function read(over: Record<string, string>) {
  return readSettings({ ...GOOD, ...over }, readStoreSettings);
}

function faultsOf(over: Record<string, string>) {
  try {
    read(over);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  throw new Error('expected a fault');
}

it('rejects a misspelt ALIYUN_OSS_ name', () => {
  expect(faultsOf({ ...GOOD, ALIYUN_OSS_BUKET: 'x' }).map(({ name }) => name)).toEqual(['ALIYUN_OSS_BUKET']);
});

describe('private bucket', () => {
  const own = { ALIYUN_OSS_PRIVATE_BUCKET: 'my-secrets' };
  const domain = { ALIYUN_OSS_PRIVATE_FILE_DOMAIN: 'https://secrets.example.com/' };
  const cname = { ALIYUN_OSS_ADDRESSING: 'cname', ALIYUN_OSS_ENDPOINT: 'https://img.example.com' };
  const namesOf = (over: Record<string, string>) => faultsOf(over).map(({ name }) => name);

  it('is reached at the endpoint, and signs for an address that clients reach', () => {
    const endpoint = 'https://oss-cn-hangzhou-internal.aliyuncs.com';
    expect(read({ ...own, ALIYUN_OSS_ENDPOINT: endpoint }).privateBucket).toEqual({
      bucket: 'my-secrets',
      endpoint,
      fileDomain: 'https://my-secrets.oss-cn-hangzhou.aliyuncs.com',
    });
    expect(read({ ...own, ...domain }).privateBucket?.fileDomain).toBe('https://secrets.example.com');
    expect(read({ ...own, ...domain, ...cname }).privateBucket?.endpoint).toBe('https://secrets.example.com');
  });

  it('is another bucket with another domain', () => {
    expect(namesOf({ ALIYUN_OSS_PRIVATE_BUCKET: 'my-images' })).toEqual(['ALIYUN_OSS_PRIVATE_BUCKET']);
    expect(namesOf({ ALIYUN_OSS_PRIVATE_BUCKET: 'My_Secrets' })).toEqual(['ALIYUN_OSS_PRIVATE_BUCKET']);
    expect(namesOf({ ...own, ...cname })).toEqual(['ALIYUN_OSS_PRIVATE_FILE_DOMAIN']);
    expect(namesOf({ ...own, ALIYUN_OSS_PRIVATE_FILE_DOMAIN: 'a b' })).toEqual([
      'ALIYUN_OSS_PRIVATE_FILE_DOMAIN',
    ]);
  });

  it('reserves the prefix private/', () => {
    for (const prefix of ['private', 'private/', 'private/images'])
      expect(namesOf({ ALIYUN_OSS_PREFIX: prefix })).toEqual(['ALIYUN_OSS_PREFIX']);
    expect(read({ ALIYUN_OSS_PREFIX: 'privates' }).prefix).toBe('privates/');
  });

  it('is served by a CDN whose key and address are set', () => {
    const cdn = { CDN_AUTH_KEY: 'aliyuncdnexp1234', CDN_AUTH_DOMAIN: 'https://private.example.com/' };
    const cdnAuth = { key: 'aliyuncdnexp1234', domain: 'https://private.example.com', ttlSeconds: 1800 };
    expect(read({ ...own, ...cdn }).cdnAuth).toEqual(cdnAuth);
    expect(read({ ...own, ...cdn, CDN_AUTH_TTL: '90s' }).cdnAuth?.ttlSeconds).toBe(90);
    expect(namesOf(cdn)).toEqual(['ALIYUN_OSS_PRIVATE_BUCKET']);
    expect(namesOf({ ...own, ...cdn, CDN_AUTH_DOMAIN: '' })).toEqual(['CDN_AUTH_DOMAIN']);
    expect(namesOf({ ...own, ...cdn, CDN_AUTH_DOMAIN: 'a b' })).toEqual(['CDN_AUTH_DOMAIN']);
    const secret = faultsOf({ ...own, ...cdn, CDN_AUTH_KEY: 'hunter 2' });
    expect([secret.map(({ name }) => name), JSON.stringify(secret)]).toEqual([
      ['CDN_AUTH_KEY'],
      expect.not.stringContaining('hunter'),
    ]);
  });

  it('has the prefixes of profiles, as the public bucket has', () => {
    const variants = { main: {} };
    const profiles = new Map([
      ['face', profileSchema.parse({ variants, prefix: 'faces' })],
      ['small-face', profileSchema.parse({ variants, prefix: 'faces/' })],
      ['receipt', profileSchema.parse({ variants, prefix: 'receipts/2026', visibility: 'private' })],
    ]);
    const prefixesWith = (over: Record<string, string>) =>
      readSettings({ ...GOOD, ...over }, (reader) => readStoreSettings(reader, profiles)).prefixes;
    expect(prefixesWith({ ...own, ALIYUN_OSS_PREFIX: 'shop' })).toEqual([
      'shop/',
      'shop/faces/',
      'shop/receipts/2026/',
      'private/shop/',
      'private/shop/faces/',
      'private/shop/receipts/2026/',
    ]);
    profiles.delete('receipt');
    expect(prefixesWith({})).toEqual(['', 'faces/']);
    expect(read(own).prefixes).toEqual(['', 'private/']);
  });

  it('must be set for a private profile', () => {
    const profiles = new Map([
      ['receipts', profileSchema.parse({ variants: { main: {} }, visibility: 'private' })],
    ]);
    const build = () => readSettings(GOOD, (reader) => readStoreSettings(reader, profiles));
    expect(build).toThrow(/ALIYUN_OSS_PRIVATE_BUCKET.*"receipts"/);
  });
});

it('reports faults in the language of the reader', () => {
  const build = () => readSettings({ ...GOOD, ALIYUN_OSS_BUCKET: 'My_Images' }, readStoreSettings, 'zh');
  expect(build).toThrow('“My_Images”不是有效的 Bucket 名称');
});
