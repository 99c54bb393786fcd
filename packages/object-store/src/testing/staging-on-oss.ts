import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { OssDevOptions } from '@pixdock/oss-dev/start';
import { onTestFinished } from 'vitest';
import type { OssCall, StoreNotice } from '../bucket.js';
import { type FileBody, openStagingBucket, type StagingBucketSettings } from '../staging-bucket.js';
import { OWN_DOMAIN, startOss } from './start-oss.js';
import { staticKey } from './store-on-oss.js';

/** Starts a local OSS and opens its bucket `lab-staging`, below the prefix `pixdock/`, for one test. */
export async function openStagingOnOss(
  over: Partial<StagingBucketSettings> = {},
  options: Partial<OssDevOptions> = {},
  responseMs = 5000,
) {
  const oss = await startOss({
    privateBuckets: ['lab-staging'],
    cnames: { [OWN_DOMAIN]: 'lab-staging' },
    ...options,
  });
  const host = over.addressing === 'cname' ? OWN_DOMAIN : 'localhost';
  const settings: StagingBucketSettings = {
    endpoint: `http://${host}:${oss.server.port}`,
    region: 'cn-hangzhou',
    bucket: 'lab-staging',
    addressing: 'path',
    prefix: 'pixdock/',
    credentials: staticKey(),
    ...over,
  };
  const notices: StoreNotice[] = [];
  const calls: OssCall[] = [];
  const bucket = openStagingBucket(settings, {
    timeouts: { connectMs: 2000, responseMs },
    retry: { tries: 4, baseMs: 1, capMs: 300 },
    onNotice: (notice) => notices.push(notice),
    onCall: (call) => calls.push(call),
  });
  onTestFinished(() => bucket.stop());
  return { ...oss, bucket, settings, notices, calls };
}

/** A file with these bytes, and the streams of it that were opened. */
export function fileOf(bytes: Buffer): { body: FileBody; streams: Readable[] } {
  const streams: Readable[] = [];
  const open = () => {
    const stream = Readable.from([bytes.subarray(0, 4), bytes.subarray(4)]);
    streams.push(stream);
    return stream;
  };
  return { body: { bytes: bytes.length, md5: hash('md5', bytes), open }, streams };
}
