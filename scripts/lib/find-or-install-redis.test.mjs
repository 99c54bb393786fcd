import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../packages/shared/src/testing/temporary-folder.js';
import { policyText } from './find-or-install-redis.mjs';

test('blocks services during the installation, and removes the block after a killed start', async () => {
  const folder = temporaryFolder();
  const installer = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const policy = join(folder, 'policy-rc.d');
  writeFileSync(policy, policyText(installer.pid), { mode: 0o755 });
  expect(spawnSync(policy, ['nginx', 'start']).status).toBe(101);
  installer.kill('SIGKILL');
  await once(installer, 'exit');
  expect(spawnSync(policy, ['nginx', 'start']).status).toBe(0);
  expect(existsSync(policy)).toBe(false);
});
