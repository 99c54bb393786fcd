import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOssDev } from '@pixdock/oss-dev/start';
import { freePort } from '@pixdock/shared/testing/free-port';
import { type Service, startService } from './processes.js';
import { startRedis, type TestRedis } from './redis.js';
import type { TcpProxy } from './tcp-proxy.js';

export const FAULT_TOKEN = 'fault-token-of-the-tests';
const OSS = {
  bucket: 'pictures',
  region: 'cn-hangzhou',
  accessKeyId: 'LTAI-e2e',
  accessKeySecret: 'e2e-secret',
};

export interface Stack {
  dataDir: string;
  redis: TestRedis;
  oss: Awaited<ReturnType<typeof startOssDev>>;
  env: Record<string, string>;
  api: Service;
  worker: Service;
  restartApi(env?: Record<string, string>): Promise<void>;
  restartWorker(env?: Record<string, string>): Promise<void>;
  /** Stops all and fails if one of the services did not end well. */
  stop(): Promise<void>;
}

/**
 * The real API, worker, Redis and local OSS, in a folder of their own.
 * @param between what the services reach Redis through, if anything
 */
export function startStack(
  extra: Record<string, string> = {},
  between: TcpProxy | null = null,
): Promise<Stack> {
  return start(extra, between, (env) => startService('worker', env));
}

/** As `startStack`, but the worker is not there until `restartWorker`, so images stay queued. */
export function startApiOnly(extra: Record<string, string> = {}): Promise<Stack> {
  return start(extra, null, async () => noService());
}

async function start(
  extra: Record<string, string>,
  between: TcpProxy | null,
  startWorker: (env: Record<string, string>) => Promise<Service>,
): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-e2e-'));
  const redis = await startRedis(dataDir);
  between?.forward(Number(new URL(redis.url).port));
  const oss = await startOssDev({
    dataDir: join(dataDir, 'oss'),
    buckets: [OSS.bucket],
    region: OSS.region,
    accessKeyId: OSS.accessKeyId,
    accessKeySecret: OSS.accessKeySecret,
    faultToken: FAULT_TOKEN,
  });
  const env = {
    PORT: String(await freePort()),
    DATA_DIR: dataDir,
    REDIS_URL: between === null ? redis.url : `redis://127.0.0.1:${between.port}`,
    API_KEYS: 'acme:key-of-acme,other:key-of-other',
    LIMITS_FILE: await writeLimits(dataDir),
    ALIBABA_CLOUD_ACCESS_KEY_ID: OSS.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: OSS.accessKeySecret,
    ALIYUN_OSS_ENDPOINT: oss.endpoint,
    ALIYUN_OSS_REGION: OSS.region,
    ALIYUN_OSS_BUCKET: OSS.bucket,
    ALIYUN_OSS_ADDRESSING: 'path',
    ALIYUN_OSS_FILE_DOMAIN: `${oss.endpoint}/${OSS.bucket}`,
    ...extra,
  };
  const [api, worker] = await Promise.all([startService('api', env), startWorker(env)]);
  const stack: Stack = {
    dataDir,
    redis,
    oss,
    env,
    api,
    worker,
    async restartApi(changes = {}) {
      stack.api = await startService('api', { ...env, ...changes });
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

/** The limits of an owner apply, and are wide: most tests do as one owner what several would. */
async function writeLimits(dataDir: string): Promise<string> {
  const path = join(dataDir, 'limits.json');
  const wide = { postsPerMinute: 1_000_000, getsPerMinute: 1_000_000, uploads: 1000, waits: 1000 };
  const holdings = {
    openBatches: 1000,
    itemsPerHour: 100_000_000,
    waitingImages: 10_000_000,
    records: 100_000_000,
  };
  await writeFile(path, JSON.stringify({ default: { ...wide, ...holdings, stagingShare: 1 } }));
  return path;
}

function noService(): Service {
  return {
    pid: 0,
    startedAtMs: 0,
    url: '',
    output: () => '',
    kill: () => {},
    exited: Promise.resolve(0),
    stop: async () => {},
  };
}
