/* Run by interrupted.test.ts: a test that starts a server and a process that ignores SIGTERM, and never ends. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { test } from 'vitest';
import { startRedis } from '../redis.js';

test('hangs', async () => {
  const folder = process.env.PIXDOCK_INTERRUPTED ?? '';
  const redis = await startRedis(folder);
  const stubborn = killOnExit(spawn('/bin/sh', ['-c', 'trap "" INT TERM HUP; while :; do sleep 1; done']));
  const pids = [process.pid, process.ppid, redis.pid(), stubborn.pid];
  writeFileSync(join(folder, 'pids'), pids.join(' '));
  await new Promise(() => {});
});
