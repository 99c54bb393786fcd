import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ofMachineAndBucket } from './services.js';

it('keeps the Redis and the profiles of an installation from the services of a run', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'pixdock-services-'));
  onTestFinished(() => rmSync(checkout, { recursive: true }));
  writeFileSync(join(checkout, '.env'), 'REDIS_URL=redis://theirs\nALIYUN_OSS_BUCKET=given\n');
  const environment = {
    REDIS_URL: 'redis://theirs',
    PROFILES_FILE: 'theirs.yaml',
    ALIYUN_OSS_BUCKET: 'given',
    PATH: '/bin',
  };
  expect(ofMachineAndBucket(environment, checkout)).toEqual({
    REDIS_URL: '',
    ALIYUN_OSS_BUCKET: 'given',
    PATH: '/bin',
  });
});
