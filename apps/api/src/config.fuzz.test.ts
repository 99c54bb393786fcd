import { FUZZ_TIMEOUT_MS, fuzz } from '@pixdock/shared/testing/fuzz';
import { environments, expectReadable } from '@pixdock/shared/testing/settings';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { readApiConfig } from './config.js';

const NAMES = [
  'HOST',
  'PORT',
  'DATA_DIR',
  'REDIS_URL',
  'REDIS_PREFIX',
  'API_KEYS',
  'METADATA_KEY',
  'API_KEYS_FILE',
  'MAX_UPLOAD_BYTES',
  'STAGING_URL',
  'STAGING_MAX_BYTES',
  'ACCEPT_FORMATS',
  'MAX_BATCH_ITEMS',
  'MAX_BATCH_BYTES',
  'LIMITS_FILE',
  'PROFILES_FILE',
  'RETENTION',
  'LOG_LEVEL',
  'CORS_ORIGINS',
  'METADATA_INDEX',
  'ALIYUN_OSS_ENDPOINT',
  'ALIYUN_OSS_REGION',
  'ALIYUN_OSS_BUCKET',
  'ALIYUN_OSS_ADDRESSING',
  'ALIYUN_OSS_FILE_DOMAIN',
  'ALIYUN_OSS_PREFIX',
  'ALIYUN_OSS_ALLOW_HTTP',
  'ALIYUN_OSS_PREFIXX',
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
];

test(
  'reads any settings, or refuses them by name and without a secret',
  async () => {
    await fuzz(
      fc.asyncProperty(environments(NAMES), async (environment) =>
        expectReadable(readApiConfig, environment),
      ),
      1000,
    );
  },
  FUZZ_TIMEOUT_MS,
);
