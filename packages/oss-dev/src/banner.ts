import { resolve } from 'node:path';
import type { OssDev } from './start.js';

/** Startup message: the address of the server and the settings that use it. */
export function banner(oss: OssDev, dataDir: string): string {
  return [
    `Local OSS on ${oss.endpoint}, data in ${resolve(dataDir)}`,
    '',
    `ALIYUN_OSS_ENDPOINT=${oss.endpoint}`,
    `ALIYUN_OSS_REGION=${oss.region}`,
    `ALIYUN_OSS_BUCKET=${oss.bucket}`,
    'ALIYUN_OSS_ADDRESSING=path',
    `ALIYUN_OSS_FILE_DOMAIN=${oss.publicUrl}/${oss.bucket}`,
    `ALIBABA_CLOUD_ACCESS_KEY_ID=${oss.accessKeyId}`,
    `ALIBABA_CLOUD_ACCESS_KEY_SECRET=${oss.accessKeySecret}`,
    ...(oss.securityToken ? [`ALIBABA_CLOUD_SECURITY_TOKEN=${oss.securityToken}`] : []),
    '',
  ].join('\n');
}
