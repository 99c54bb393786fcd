import { METADATA_KEY } from '@pixdock/shared/testing/metadata-keys';
import type { TestRedis } from '@pixdock/shared/testing/redis';
import { readApiConfig } from '../config.js';
import { type RunningApi, startApi } from '../start.js';
import { silentLog } from './routes.js';

export const KEY_OF_ALICE = 'key-of-the-owner-alice-0123456789';
export const KEY_OF_BOB = 'key-of-the-owner-bob-0123456789';

/** The real API of alice and bob in this process, without a worker. */
export async function startTestApi(
  { settings }: TestRedis,
  dataDir: string,
  env: Record<string, string> = {},
): Promise<RunningApi> {
  const config = readApiConfig({
    PORT: '0',
    DATA_DIR: dataDir,
    REDIS_URL: settings.url,
    REDIS_PREFIX: settings.prefix,
    METADATA_KEY,
    API_KEYS: `alice:${KEY_OF_ALICE},bob:${KEY_OF_BOB}`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'id',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'secret',
    ALIYUN_OSS_ENDPOINT: 'http://127.0.0.1:9',
    ALIYUN_OSS_REGION: 'cn-hangzhou',
    ALIYUN_OSS_BUCKET: 'pictures',
    ALIYUN_OSS_ADDRESSING: 'path',
    ALIYUN_OSS_FILE_DOMAIN: 'http://127.0.0.1:9/pictures',
    ...env,
  });
  return startApi(config, silentLog);
}
