import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '@pixdock/contract/batch';
import { startOssDev } from '@pixdock/oss-dev/start';
import { freePort } from '@pixdock/shared/testing/free-port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, uploadAndWait } from './harness/client.js';
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

/** The clock of the other OSS, by which it judges its temporary keys. */
let clock = () => Date.now();
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
    temporaryKeySeconds: 60,
    now: () => clock(),
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
    ALIYUN_OSS_PRIVATE_BUCKET: '',
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

test('publishes a batch although its temporary key expires meanwhile', async () => {
  const settings = {
    ALIYUN_OSS_ENDPOINT: oss.endpoint,
    ALIYUN_OSS_REGION: OTHER.region,
    ALIYUN_OSS_BUCKET: 'other-bucket',
    ALIYUN_OSS_FILE_DOMAIN: `${oss.endpoint}/other-bucket`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: '',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: '',
    LOG_LEVEL: 'debug',
    ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:${oss.port}/__oss-dev/credentials`,
  };
  await Promise.all([stack.api.stop(), stack.worker.stop()]);
  await Promise.all([stack.restartApi(settings), stack.restartWorker(settings)]);
  let requests = 0;
  clock = () => Date.now() + (++requests > 6 ? 61_000 : 0);

  const form = new FormData();
  const blob = new Blob([new Uint8Array(await photo())], { type: 'image/jpeg' });
  for (const name of ['1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg', '6.jpg']) form.append('file', blob, name);
  const { body } = await ask<Batch>(stack, '/v1/batches', { method: 'POST', body: form });
  const batch = await until('the batch to end', 60, async () => {
    const { body: now } = await ask<Batch>(stack, `/v1/batches/${body.id}`, {
      headers: { Prefer: 'wait=5' },
    });
    return now.status === 'finished' ? now : null;
  });
  expect(batch.counts).toMatchObject({ published: 6, failed: 0 });
  expect(stack.worker.output()).toContain('SecurityTokenExpired');
});
