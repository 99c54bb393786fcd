import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { mistypedSettings } from '@pixdock/shared/runtime/mistyped-settings';
import { type CredentialsSettings, readCredentials } from './credentials.js';
import { type Addressing, readEndpoint } from './endpoint.js';
import { readFileDomain } from './file-domain.js';
import { readKeyPrefix } from './key-prefix.js';
import { say } from './messages/settings.js';

export type { Addressing } from './endpoint.js';

/** The bucket and the credentials for it. */
export interface StoreSettings {
  /** `https://host[:port]` without a path. */
  endpoint: string;
  /** The bare id, `cn-hangzhou`. */
  region: string;
  bucket: string;
  addressing: Addressing;
  /** Base of public URLs including the path, without a trailing slash. */
  fileDomain: string;
  /** Prefix of every key: empty, or with a trailing slash. */
  prefix: string;
  credentials: CredentialsSettings;
  /** Settings that work but cause problems later; to be logged once at start. */
  warnings: readonly string[];
}

/** Reads ALIYUN_OSS_* and ALIBABA_CLOUD_*, and reports every fault to `read`. */
export function readStoreSettings(read: SettingsReader): StoreSettings {
  const warnings: string[] = [];
  rejectUnknownNames(read);
  const bucket = readBucket(read);
  const region = readRegion(read);
  return {
    ...readEndpoint(read, bucket, region, warnings),
    region,
    bucket,
    fileDomain: readFileDomain(read, warnings),
    prefix: readKeyPrefix(read),
    credentials: readCredentials(read),
    warnings,
  };
}

const NAMES = ['ENDPOINT', 'REGION', 'BUCKET', 'ADDRESSING', 'FILE_DOMAIN', 'PREFIX', 'ALLOW_HTTP'];

// A misspelt setting would be ignored, and images would be stored in an unexpected place.
function rejectUnknownNames(read: SettingsReader): void {
  const mistyped = mistypedSettings(read.environment).map(({ name }) => name);
  for (const name of Object.keys(read.environment)) {
    // Each of these is named with the setting that is meant.
    if (
      mistyped.includes(name) ||
      !name.startsWith('ALIYUN_OSS_') ||
      NAMES.includes(name.slice('ALIYUN_OSS_'.length))
    )
      continue;
    const names = NAMES.map((known) => `ALIYUN_OSS_${known}`);
    read.fault(
      name,
      say(read.language, 'unknown-setting'),
      say(read.language, 'unknown-setting.fix', { names }),
    );
  }
}

function readBucket(read: SettingsReader): string {
  const name = 'ALIYUN_OSS_BUCKET';
  const bucket = read.required(name, say(read.language, 'bucket.fix'));
  if (bucket !== '' && !/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)) {
    read.fault(
      name,
      say(read.language, 'bucket-invalid', { bucket }),
      say(read.language, 'bucket-invalid.fix'),
    );
  }
  return bucket;
}

function readRegion(read: SettingsReader): string {
  const name = 'ALIYUN_OSS_REGION';
  const raw = read.required(name, say(read.language, 'region.fix')).toLowerCase();
  const region = raw.replace(/^oss-/, '');
  if (raw !== '' && (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(region) || region.endsWith('-internal'))) {
    read.fault(
      name,
      say(read.language, 'region-invalid', { region: raw }),
      say(read.language, 'region-invalid.fix'),
    );
  }
  return region;
}
