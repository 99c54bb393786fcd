import { START } from '../messages/start.mjs';
import { isSet } from './environment.mjs';
import { Problem } from './say.mjs';

const NEEDED = ['ALIYUN_OSS_ENDPOINT', 'ALIYUN_OSS_REGION', 'ALIYUN_OSS_BUCKET', 'ALIYUN_OSS_FILE_DOMAIN'];
const CREDENTIALS = [
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
];

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
  return { ...Object.fromEntries(kept), OSS_DEV_PORT: String(port), OSS_DEV_DATA_DIR: folder };
}

/** The environment of API and worker on the local OSS, from what it reports when it is ready. */
export function withLocalOss(environment, oss) {
  const { ALIBABA_CLOUD_SECURITY_TOKEN: _, ...rest } = environment;
  return {
    ...rest,
    ALIYUN_OSS_ENDPOINT: oss.endpoint,
    ALIYUN_OSS_REGION: oss.region,
    ALIYUN_OSS_BUCKET: oss.bucket,
    ALIYUN_OSS_ADDRESSING: 'path',
    ALIYUN_OSS_FILE_DOMAIN: `${oss.endpoint}/${oss.bucket}`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: oss.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: oss.accessKeySecret,
  };
}
