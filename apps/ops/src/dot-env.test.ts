import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, it } from 'vitest';
import { addDotEnv } from './dot-env.js';

it('adds the variables of a .env file, which may begin with a byte order mark', () => {
  const folder = temporaryFolder();
  const path = join(folder, '.env');
  writeFileSync(path, '\uFEFFDATA_DIR=/data\nLOG_LEVEL=debug\n');
  expect(addDotEnv(path, { LOG_LEVEL: 'warn' })).toEqual({ DATA_DIR: '/data', LOG_LEVEL: 'warn' });
});

it('works without a .env file', () => {
  expect(addDotEnv('/nowhere/.env', { LOG_LEVEL: 'warn' })).toEqual({ LOG_LEVEL: 'warn' });
});
