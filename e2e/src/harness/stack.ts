import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OssDev, type OssDevOptions, startOssDev } from '@pixdock/oss-dev/start';
import { freePort } from '@pixdock/shared/testing/free-port';
import { METADATA_KEY } from '@pixdock/shared/testing/metadata-keys';
import { runsInVitest, type Service, startService } from './processes.js';
import { startRedis, type TestRedis } from './redis.js';
import type { TcpProxy } from './tcp-proxy.js';

export const FAULT_TOKEN = 'fault-token-of-the-tests';
/**
 * A job of a killed worker is retried after at most 6 s (a lock and two checks) instead of 12 s. After a loss of Redis, a deletion
 * takes 2 s instead of 40.
 */
const QUICK_RECOVERY = 'lock=4000,stalled=1000,put=2000';

/** The default test clocks plus others: `clocks('sweep=1000')`. */
export const clocks = (more: string) => ({ PIXDOCK_TEST_CLOCKS: `${QUICK_RECOVERY},${more}` });

/** The buckets of the local OSS, and the key that it accepts. */
export const OSS = {
  bucket: 'pictures',
  privateBucket: 'private-pictures',
  stagingBucket: 'pixdock-staging',
  region: 'cn-hangzhou',
  accessKeyId: 'LTAI-e2e',
  accessKeySecret: 'e2e-secret',
};

export interface Stack {
  dataDir: string;
  redis: TestRedis;
  oss: OssDev;
  env: Record<string, string>;
  api: Service;
  worker: Service;
  restartApi(env?: Record<string, string>): Promise<void>;
  restartWorker(env?: Record<string, string>): Promise<void>;
  /** Stops everything; rejects when a service did not end cleanly. */
  stop(): Promise<void>;
}

/** Each lane is a process that takes an eighth of a second of CPU to start, and most tests need one. */
const ONE_LANE = { WORKER_CONCURRENCY: '1' };
/** For tests that need images side by side. */
export const TWO_LANES = { WORKER_CONCURRENCY: '2' };

/** `PIXDOCK_TEST_STAGING=bucket`: tests, chaos and benchmarks stage in a bucket unless they choose. By default in one folder. */
export const isBucketDefault = () => process.env.PIXDOCK_TEST_STAGING === 'bucket';

interface Arrangement {
  /** The proxy between each service and Redis, if any, and between both and OSS. */
  between?: { api: TcpProxy; worker: TcpProxy; oss?: TcpProxy };
  /** Is called with each object that the local OSS has stored. */
  onStored?: OssDevOptions['onStored'];
  /** Prepares the folder before a service starts in it. */
  prepare?: (dataDir: string) => void;
  /** Whether staging is a bucket. Each service then has its own DATA_DIR. The default is in PIXDOCK_TEST_STAGING. */
  stagesInBucket?: boolean;
  /** Whether the services save memory and the worker has all lanes; by default outside vitest, whose suites rarely measure. */
  asInProduction?: boolean;
}

/** Starts the real API, worker, Redis and local OSS in a new folder. */
export function startStack(
  extra: Record<string, string> = {},
  arrangement: Arrangement = {},
): Promise<Stack> {
  return start(extra, arrangement, (env, options) => startService('worker', env, options));
}

/** Like `startStack`, but without a worker until `restartWorker`, so images stay queued. */
export function startApiOnly(
  extra: Record<string, string> = {},
  arrangement: Arrangement = {},
): Promise<Stack> {
  return start(extra, arrangement, async () => noService());
}

async function start(
  extra: Record<string, string>,
  {
    between,
    onStored,
    prepare,
    stagesInBucket = isBucketDefault(),
    asInProduction = !runsInVitest(),
  }: Arrangement,
  startWorker: (env: Record<string, string>, options: { savesMemory: boolean }) => Promise<Service>,
): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-e2e-'));
  const redis = await startRedis(dataDir);
  const redisPort = Number(new URL(redis.url).port);
  between?.api.forward(redisPort);
  between?.worker.forward(redisPort);
  prepare?.(dataDir);
  const oss = await startOssDev({
    dataDir: join(dataDir, 'oss'),
    buckets: [OSS.bucket],
    privateBuckets: [OSS.privateBucket, OSS.stagingBucket],
    region: OSS.region,
    accessKeyId: OSS.accessKeyId,
    accessKeySecret: OSS.accessKeySecret,
    faultToken: FAULT_TOKEN,
    ...(onStored && { onStored }),
  });
  between?.oss?.forward(Number(new URL(oss.endpoint).port));
  const env = {
    PORT: String(await freePort()),
    ...(await settingsOf(dataDir, redis.url, oss.endpoint)),
    ...via(between?.api),
    ...ossVia(between?.oss),
    ...(stagesInBucket && inBucket(join(dataDir, 'api'))),
    PIXDOCK_TEST_CLOCKS: QUICK_RECOVERY,
    ...(asInProduction ? {} : ONE_LANE),
    ...extra,
  };
  const options = { savesMemory: asInProduction };
  const workerDir = stagesInBucket ? inBucket(join(dataDir, 'worker')) : {};
  const workerEnv = { ...env, ...workerDir, ...via(between?.worker) };
  const [api, worker] = await Promise.all([
    startService('api', env, options),
    startWorker(workerEnv, options),
  ]);
  const stack: Stack = {
    dataDir,
    redis,
    oss,
    env,
    api,
    worker,
    async restartApi(changes = {}) {
      stack.api = await startService('api', { ...env, ...changes }, options);
    },
    async restartWorker(changes = {}) {
      stack.worker = await startService('worker', { ...workerEnv, ...changes }, options);
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

/** The settings of a service that stages in the bucket. @param dataDir its own */
export const inBucket = (dataDir: string) => ({
  DATA_DIR: dataDir,
  STAGING_URL: `oss://${OSS.stagingBucket}`,
});

/** The settings of services with this folder, Redis and local OSS. */
export const settingsOf = async (dataDir: string, redisUrl: string, ossEndpoint: string) => ({
  DATA_DIR: dataDir,
  REDIS_URL: redisUrl,
  METADATA_KEY,
  API_KEYS: 'acme:key-of-the-owner-acme,other:key-of-the-owner-other',
  LIMITS_FILE: await writeLimits(dataDir),
  ALIBABA_CLOUD_ACCESS_KEY_ID: OSS.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: OSS.accessKeySecret,
  ALIYUN_OSS_ENDPOINT: ossEndpoint,
  ALIYUN_OSS_REGION: OSS.region,
  ALIYUN_OSS_BUCKET: OSS.bucket,
  ALIYUN_OSS_ADDRESSING: 'path',
  ALIYUN_OSS_FILE_DOMAIN: `${ossEndpoint}/${OSS.bucket}`,
  ALIYUN_OSS_PRIVATE_BUCKET: OSS.privateBucket,
});

const via = (proxy: TcpProxy | undefined): Record<string, string> =>
  proxy === undefined ? {} : { REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
const ossVia = (proxy: TcpProxy | undefined): Record<string, string> =>
  proxy === undefined ? {} : { ALIYUN_OSS_ENDPOINT: `http://localhost:${proxy.port}` };

/** Generous owner limits, because most tests do as one owner what several owners would do. */
async function writeLimits(dataDir: string): Promise<string> {
  const path = join(dataDir, 'limits.json');
  const wide = { postsPerMinute: 1_000_000, getsPerMinute: 1_000_000, uploads: 1000, waits: 1000 };
  const holdings = {
    openBatches: 1000,
    itemsPerHour: 100_000_000,
    waitingImages: 10_000_000,
    redisBytes: 1000 * 1024 ** 3,
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
    arm: async () => {},
    exited: Promise.resolve(0),
    stop: async () => {},
  };
}
