import { FUZZ_TIMEOUT_MS, fuzz } from '@pixdock/shared/testing/fuzz';
import { environments, expectReadable } from '@pixdock/shared/testing/settings';
import * as fc from 'fast-check';
import { it } from 'vitest';
import { readWorkerConfig } from './config.js';

/** Without the settings that the test of the API covers. */
const NAMES = [
  'REDIS_URL',
  'MAX_PIXELS',
  'MAX_ANIMATION_PIXELS',
  'MAX_FRAMES',
  'MAX_SCANS',
  'WORKER_CONCURRENCY',
  'STORAGE_GIVE_UP',
  'SOURCE_ALLOW',
  'SOURCE_PORTS',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
];

it(
  'reads arbitrary settings, or refuses them by name and without a secret',
  async () => {
    await fuzz(
      fc.asyncProperty(environments(NAMES), async (environment) =>
        expectReadable(readWorkerConfig, environment),
      ),
      1000,
    );
  },
  FUZZ_TIMEOUT_MS,
);
