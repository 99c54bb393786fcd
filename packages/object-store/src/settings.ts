import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { type Addressing, readEndpoint } from './endpoint.js';
import { readFileDomain } from './file-domain.js';
import { readKeyPrefix } from './key-prefix.js';

export type { Addressing } from './endpoint.js';

/** Where the bucket is, and as whom we write to it. */
export interface StoreSettings {
  /** `https://host[:port]`, nothing behind it. */
  endpoint: string;
  /** The bare id, `cn-hangzhou`. */
  region: string;
  bucket: string;
  addressing: Addressing;
  /** Base of public URLs, path included, without a slash at its end. */
  fileDomain: string;
  /** Prefix of every key: empty, or ending in a slash. */
  prefix: string;
  accessKeyId: string;
  accessKeySecret: string;
  /** Of temporary (STS) credentials; null with a permanent key. */
  securityToken: string | null;
  /** What works but will disappoint; to be logged once at start. */
  warnings: readonly string[];
}

/** Reads ALIYUN_OSS_* and ALIBABA_CLOUD_*; what is wrong with them goes to `read` as faults. */
export function readStoreSettings(read: SettingsReader): StoreSettings {
  const warnings: string[] = [];
  refuseUnknownNames(read);
  const bucket = readBucket(read);
  const region = readRegion(read);
  return {
    ...readEndpoint(read, bucket, region, warnings),
    region,
    bucket,
    fileDomain: readFileDomain(read, warnings),
    prefix: readKeyPrefix(read),
    accessKeyId: readSecret(read, 'ALIBABA_CLOUD_ACCESS_KEY_ID', KEY_FIX),
    accessKeySecret: readSecret(read, 'ALIBABA_CLOUD_ACCESS_KEY_SECRET', KEY_FIX),
    securityToken: read.text('ALIBABA_CLOUD_SECURITY_TOKEN', null),
    warnings,
  };
}

const NAMES = ['ENDPOINT', 'REGION', 'BUCKET', 'ADDRESSING', 'FILE_DOMAIN', 'PREFIX', 'ALLOW_HTTP'];

// A misspelt one would be ignored, and images would land somewhere else than its author believes.
function refuseUnknownNames(read: SettingsReader): void {
  for (const name of Object.keys(read.environment)) {
    if (!name.startsWith('ALIYUN_OSS_') || NAMES.includes(name.slice('ALIYUN_OSS_'.length))) continue;
    read.fault(name, 'is not a setting', `one of ${NAMES.map((known) => `ALIYUN_OSS_${known}`).join(', ')}`);
  }
}

const KEY_FIX =
  'take it from a RAM user that may only oss:PutObject, oss:GetObject and oss:DeleteObject here';

function readBucket(read: SettingsReader): string {
  const name = 'ALIYUN_OSS_BUCKET';
  const bucket = read.required(name, 'the name of the bucket, for example my-images');
  if (bucket !== '' && !/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)) {
    read.fault(
      name,
      `"${bucket}" is not a bucket name`,
      '3 to 63 of a-z, 0-9 and "-", not "-" at either end; the name alone, without oss:// or a host',
    );
  }
  return bucket;
}

function readRegion(read: SettingsReader): string {
  const name = 'ALIYUN_OSS_REGION';
  const raw = read.required(name, "the bucket's region, for example cn-hangzhou").toLowerCase();
  const region = raw.replace(/^oss-/, '');
  if (raw !== '' && (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(region) || region.endsWith('-internal'))) {
    read.fault(name, `"${raw}" is not a region`, 'the id alone, for example cn-hangzhou or oss-cn-hangzhou');
  }
  return region;
}

function readSecret(read: SettingsReader, name: string, fix: string): string {
  const secret = read.required(name, fix);
  if (/[^\x21-\x7e]/.test(secret)) {
    read.fault(
      name,
      'contains a space or a character outside ASCII',
      'copy it again, without quotes around it',
    );
  }
  return secret;
}
