import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Service, startService } from '@pixdock/e2e/harness/processes';
import type { TestRedis } from '@pixdock/e2e/harness/redis';
import { freePort } from '@pixdock/shared/testing/free-port';
import { METADATA_KEY } from '@pixdock/shared/testing/metadata-keys';

export const KEY = 'key-of-the-benchmark';
export const OWNER = 'bench';

/** The highest limits. They apply, and requests are counted, because there are several owners. */
const LIMITS = {
  getsPerMinute: 1_000_000,
  postsPerMinute: 1_000_000,
  uploads: 1000,
  redisBytes: 1_000_000_000_000,
  waitingImages: 10_000_000,
  stagingShare: 1,
};

/** Starts the compiled API without a worker, as `npm start` runs it. */
export async function startApi(
  folder: string,
  redis: TestRedis,
  profileFolder: string | null,
  changes: Record<string, string> = {},
): Promise<Service> {
  const profiling = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const env = { ...(await settings(folder, redis)), ...changes };
  return startService('api', env, { savesMemory: true, nodeOptions: profiling });
}

/** The key and the region of the local OSS, if there is one. */
export const OSS = {
  accessKeyId: 'LTAI-bench',
  accessKeySecret: 'secret-of-the-benchmark',
  region: 'cn-hangzhou',
};

/** The settings of the API and of a worker beside it. */
export async function settings(folder: string, redis: TestRedis): Promise<Record<string, string>> {
  const limits = join(folder, 'limits.json');
  await writeFile(limits, JSON.stringify({ default: LIMITS }));
  return {
    PORT: String(await freePort()),
    DATA_DIR: folder,
    REDIS_URL: redis.url,
    METADATA_KEY,
    API_KEYS: `${OWNER}:${KEY},other:key-of-another-owner`,
    LIMITS_FILE: limits,
    ALIBABA_CLOUD_ACCESS_KEY_ID: OSS.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: OSS.accessKeySecret,
    ALIYUN_OSS_ENDPOINT: 'http://127.0.0.1:9',
    ALIYUN_OSS_REGION: OSS.region,
    ALIYUN_OSS_BUCKET: 'pictures',
    ALIYUN_OSS_ADDRESSING: 'path',
    ALIYUN_OSS_FILE_DOMAIN: 'http://127.0.0.1:9/pictures',
  };
}

const LOOK_EVERY_MS = 5;

/** Waits until the API has restored what Redis may have lost. */
export async function untilRestored(api: Service): Promise<void> {
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  api.exited.then(end, end);
  while (!api.output().includes('restored from staging')) {
    if (hasEnded) throw new Error(`the API ended before it had restored:\n${api.output()}`);
    await sleep(LOOK_EVERY_MS);
  }
}
