import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOssDev } from '@pixdock/oss-dev/start';
import { freePort } from '@pixdock/shared/testing/free-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploadAndWait } from './harness/client.js';
import { photo } from './harness/pictures.js';
import { type Stack, startStack } from './harness/stack.js';

// Another OSS with another bucket, region, keys and an STS token, reached by settings alone.
const OTHER = {
  buckets: ['other-bucket'],
  region: 'ap-southeast-1',
  accessKeyId: 'STS.other',
  accessKeySecret: 'other-secret',
  securityToken: 'token-of-sts',
};

let stack: Stack;
let dataDir: string;
let oss: Awaited<ReturnType<typeof startOssDev>>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pixdock-other-'));
  const port = await freePort();
  oss = await startOssDev({
    dataDir,
    ports: [port],
    ...OTHER,
    cnames: { [`img.localhost:${port}`]: 'other-bucket', 'img.localhost': 'other-bucket' },
  });
  stack = await startStack();
});
afterAll(async () => {
  await stack.stop();
  await oss.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test.each(['path', 'virtual', 'cname'])('publishes with URLs in %s style', async (style) => {
  const host = style === 'cname' ? 'img.localhost' : 'localhost';
  const settings = {
    ALIYUN_OSS_ENDPOINT: `http://${host}:${oss.port}`,
    ALIYUN_OSS_REGION: `oss-${OTHER.region}`,
    ALIYUN_OSS_BUCKET: 'other-bucket',
    ALIYUN_OSS_ADDRESSING: style,
    ALIYUN_OSS_FILE_DOMAIN: `http://localhost:${oss.port}/other-bucket`,
    ALIYUN_OSS_PREFIX: `from-${style}`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: OTHER.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: OTHER.accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: OTHER.securityToken,
  };
  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  await Promise.all([stack.restartApi(settings), stack.restartWorker(settings)]);
  const image = await uploadAndWait(stack, await photo());
  expect(image).toMatchObject({ status: 'published' });
  expect(image.variants.main?.key).toMatch(new RegExp(`^from-${style}/[0-9a-f]{2}/[0-9a-f]{32}/main\\.jpg$`));
  const response = await fetch(image.url ?? '');
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
});
