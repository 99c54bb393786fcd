import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis, type RedisConnection, type RedisSettings } from '../runtime/redis.js';
import { freePort } from './free-port.js';
import { killOnExit } from './kill-on-exit.js';
import { REDIS_SERVER } from './redis-programs.js';

export interface TestRedis {
  connection: RedisConnection;
  settings: RedisSettings;
  stop(): Promise<void>;
}

/** Starts a private Redis, with a random prefix. */
export async function startTestRedis(): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
  const child = killOnExit(spawn(REDIS_SERVER, args, { stdio: 'ignore' }));
  const settings = { url: `redis://127.0.0.1:${port}`, prefix: `{test-${randomBytes(4).toString('hex')}}` };
  const connection = connectRedis(settings, 'patient', () => {});
  await connection.ping();
  return {
    connection,
    settings,
    async stop() {
      connection.disconnect();
      child.kill('SIGKILL');
      await once(child, 'exit');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
