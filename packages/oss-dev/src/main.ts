#!/usr/bin/env node
import { resolve } from 'node:path';
import { readConfig } from './config.js';
import { type OssDev, startOssDev } from './start.js';

try {
  const config = readConfig(process.env);
  const oss = await startOssDev(config);
  console.log(banner(oss, config.dataDir));
  process.send?.({ type: 'ready', ...oss });

  const stop = () => {
    if (process.connected) process.disconnect();
    void oss.stop();
  };
  // The IPC channel closes when the parent exits, so this process exits with it.
  for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(event, stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** The address of the server and the settings that use it. */
function banner(oss: OssDev, dataDir: string): string {
  return [
    `Local OSS on ${oss.endpoint}, data in ${resolve(dataDir)}`,
    '',
    `ALIYUN_OSS_ENDPOINT=${oss.endpoint}`,
    `ALIYUN_OSS_REGION=${oss.region}`,
    `ALIYUN_OSS_BUCKET=${oss.bucket}`,
    'ALIYUN_OSS_ADDRESSING=path',
    `ALIYUN_OSS_FILE_DOMAIN=${oss.publicUrl}/${oss.bucket}`,
    `ALIYUN_OSS_PRIVATE_BUCKET=${oss.privateBuckets[0]}`,
    `ALIBABA_CLOUD_ACCESS_KEY_ID=${oss.accessKeyId}`,
    `ALIBABA_CLOUD_ACCESS_KEY_SECRET=${oss.accessKeySecret}`,
    '',
  ].join('\n');
}
