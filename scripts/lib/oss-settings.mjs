import { START } from '../messages/start.mjs';
import { isSet } from './environment.mjs';
import { Problem } from './say.mjs';

const NEEDED = ['ALIYUN_OSS_ENDPOINT', 'ALIYUN_OSS_REGION', 'ALIYUN_OSS_BUCKET', 'ALIYUN_OSS_FILE_DOMAIN'];
const CREDENTIALS = [
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
];
const REGION = 'cn-hangzhou';
const BUCKET = 'pixdock-dev';
// Not needed with a real bucket.
const KEY_ID = 'LTAI-pixdock-dev';
const KEY_SECRET = 'pixdock-dev-secret';

/**
 * True when no setting names a bucket, so that the local OSS is used.
 * @throws Problem when only some of what a bucket needs is set.
 */
export function wantsLocalOss(environment) {
  const missing = NEEDED.filter((name) => !isSet(environment, name));
  if (missing.length === 0) return false;
  if (missing.length === NEEDED.length) return true;
  const present = NEEDED.filter((name) => isSet(environment, name));
  throw new Problem(START.bucketIncomplete({ present, missing }));
}

export const hasCredentials = (environment) => CREDENTIALS.some((name) => isSet(environment, name));

/** The environment of the local OSS. Of the user's settings it gets only OSS_DEV_… */
export function localOssEnvironment(environment, port, folder) {
  const kept = Object.entries(environment).filter(([name]) => /^(PATH|HOME|LANG|TZ|OSS_DEV_\w+)$/.test(name));
  return {
    ...Object.fromEntries(kept),
    OSS_DEV_PORT: String(port),
    OSS_DEV_DATA_DIR: folder,
    OSS_DEV_BUCKETS: BUCKET,
    OSS_DEV_REGION: REGION,
    OSS_DEV_ACCESS_KEY_ID: KEY_ID,
    OSS_DEV_ACCESS_KEY_SECRET: KEY_SECRET,
  };
}

/** The environment of API and worker on the local OSS. */
export function withLocalOss(environment, port) {
  const { ALIBABA_CLOUD_SECURITY_TOKEN: _, ...rest } = environment;
  return {
    ...rest,
    ALIYUN_OSS_ENDPOINT: `http://localhost:${port}`,
    ALIYUN_OSS_REGION: REGION,
    ALIYUN_OSS_BUCKET: BUCKET,
    ALIYUN_OSS_ADDRESSING: 'path',
    ALIYUN_OSS_FILE_DOMAIN: `http://localhost:${port}/${BUCKET}`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: KEY_ID,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: KEY_SECRET,
  };
}
