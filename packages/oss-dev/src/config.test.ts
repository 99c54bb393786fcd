import { expect, test } from 'vitest';
import { readConfig } from './config.js';

test('has a default for every setting', () => {
  expect(readConfig({})).toEqual({
    ports: [9010],
    dataDir: '.data/oss',
    buckets: ['pixdock-dev'],
    privateBuckets: ['pixdock-dev-private'],
    region: 'cn-hangzhou',
    accessKeyId: 'LTAI-pixdock-dev',
    accessKeySecret: 'pixdock-dev-secret',
    faultToken: undefined,
    allowNonLoopback: false,
  });
});

test('reads every setting', () => {
  const config = readConfig({
    OSS_DEV_PORT: '9012,0',
    OSS_DEV_DATA_DIR: '/tmp/oss',
    OSS_DEV_BUCKETS: 'one, two',
    OSS_DEV_PRIVATE_BUCKETS: 'three',
    OSS_DEV_REGION: 'oss-cn-shanghai',
    OSS_DEV_ACCESS_KEY_ID: 'id',
    OSS_DEV_ACCESS_KEY_SECRET: 'secret',
    OSS_DEV_FAULT_TOKEN: 'faults',
    OSS_DEV_BIND: '0.0.0.0',
    OSS_DEV_ALLOW_NON_LOOPBACK: 'true',
  });
  expect(config).toEqual({
    ports: [9012, 0],
    dataDir: '/tmp/oss',
    buckets: ['one', 'two'],
    privateBuckets: ['three'],
    region: 'cn-shanghai',
    accessKeyId: 'id',
    accessKeySecret: 'secret',
    faultToken: 'faults',
    bind: '0.0.0.0',
    allowNonLoopback: true,
  });
});

test('reports all faults at once', () => {
  const env = { NODE_ENV: 'production', OSS_DEV_PORT: '65536', OSS_DEV_ALLOW_NON_LOOPBACK: 'yes' };
  for (const name of Object.keys(env)) expect(() => readConfig(env)).toThrow(name);
});
