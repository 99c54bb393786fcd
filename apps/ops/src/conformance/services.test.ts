import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, it } from 'vitest';
import { ofMachineAndBucket } from './services.js';

it('keeps the Redis and the profiles of an installation from the services of a run', () => {
  const checkout = temporaryFolder();
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
