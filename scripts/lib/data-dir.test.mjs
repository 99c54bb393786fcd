import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../packages/shared/src/testing/temporary-folder.js';
import { keepServicesEnv } from './data-dir.mjs';
import { ROOT as root } from './root.mjs';

test('keeps every setting for another folder and another terminal, for its owner only', () => {
  const dataDir = temporaryFolder();
  const settings = {
    DATA_DIR: dataDir,
    REDIS_URL: 'redis://user:a"b#c$d@host/1',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: "it's \\n",
    RETENTION: '7d',
  };
  const relative = { PROFILES_FILE: 'profiles.yml', API_KEYS: '@keys.txt' };
  const file = keepServicesEnv(root, dataDir, {
    ...settings,
    ...relative,
    HOST: ' ',
    PATH: '/bin',
    OTHER: 'x',
  });
  const print = 'console.log(JSON.stringify(process.env))';
  const { stdout } = spawnSync(process.execPath, [`--env-file=${file}`, '-e', print], {
    env: {},
    cwd: '/',
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toEqual({
    ...settings,
    PROFILES_FILE: join(root, 'profiles.yml'),
    API_KEYS: `@${join(root, 'keys.txt')}`,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
