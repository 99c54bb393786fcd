import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOssDev } from '@pixdock/oss-dev/start';
import type { Image } from '@pixdock/shared/contract/image';
import { expect } from 'vitest';
import { ask, until } from '../harness/client.js';
import { type Service, startService } from '../harness/processes.js';
import { startRedis } from '../harness/redis.js';
import { FAULT_TOKEN, type Stack } from '../harness/stack.js';

const OSS = {
  bucket: 'pictures',
  region: 'cn-hangzhou',
  accessKeyId: 'LTAI-api',
  accessKeySecret: 'api-secret',
};

/** The real API, Redis and local OSS; the worker is not there until `restartWorker`, so images stay queued. */
export async function startApiOnly(extra: Record<string, string> = {}): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-api-'));
  const redis = await startRedis(dataDir);
  const oss = await startOssDev({
    dataDir: join(dataDir, 'oss'),
    buckets: [OSS.bucket],
    region: OSS.region,
    accessKeyId: OSS.accessKeyId,
    accessKeySecret: OSS.accessKeySecret,
    faultToken: FAULT_TOKEN,
  });
  const env = {
    PORT: '0',
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    API_KEYS: 'acme:key-of-acme,other:key-of-other',
    ALIBABA_CLOUD_ACCESS_KEY_ID: OSS.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: OSS.accessKeySecret,
    ALIYUN_OSS_ENDPOINT: oss.endpoint,
    ALIYUN_OSS_REGION: OSS.region,
    ALIYUN_OSS_BUCKET: OSS.bucket,
    ALIYUN_OSS_ADDRESSING: 'path',
    ALIYUN_OSS_FILE_DOMAIN: `${oss.endpoint}/${OSS.bucket}`,
    ...extra,
  };
  const stack: Stack = {
    dataDir,
    redis,
    oss,
    env,
    api: await startService('api', env),
    worker: noService(),
    async restartApi(changes = {}) {
      stack.api = await startService('api', { ...env, PORT: new URL(stack.api.url).port, ...changes });
    },
    async restartWorker(changes = {}) {
      stack.worker = await startService('worker', { ...env, ...changes });
    },
    async stop() {
      try {
        await Promise.all([stack.api.stop(), stack.worker.stop()]);
      } finally {
        await oss.stop();
        await redis.stop();
        await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
  return stack;
}

function noService(): Service {
  return {
    pid: 0,
    url: '',
    output: () => '',
    kill: () => {},
    exited: Promise.resolve(0),
    stop: async () => {},
  };
}

/** Ids of uploads on their way. */
function arriving({ dataDir }: Stack): Promise<string[]> {
  return readdir(join(dataDir, 'staging', 'incoming'));
}

/** Ids of images whose files are staged. */
export async function staged({ dataDir }: Stack): Promise<string[]> {
  const live = join(dataDir, 'staging', 'live');
  const shards = (await readdir(live)).map((shard) => readdir(join(live, shard)));
  return (await Promise.all(shards)).flat().toSorted();
}

export async function untilArriving(stack: Stack, count: number): Promise<void> {
  await until(`${count} uploads to be on their way`, 5, async () =>
    (await arriving(stack)).length === count ? true : null,
  );
}

/** Proves that nothing came of what was refused: no file in staging, no image in the list. */
export async function nothingLeft(stack: Stack): Promise<void> {
  await untilArriving(stack, 0);
  expect(await staged(stack)).toEqual([]);
  const list = await ask<{ items: Image[] }>(stack, '/v1/images');
  expect(list.body.items).toEqual([]);
}

/** A field of /proc/<pid>/status in MiB. */
export async function memoryMib(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

/** Bytes that begin as a JPEG does; what follows is noise that no worker would take. */
export function jpegLike(bytes: number): Buffer<ArrayBuffer> {
  const content = Buffer.alloc(bytes, 0x5a);
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex').copy(content);
  return content;
}
