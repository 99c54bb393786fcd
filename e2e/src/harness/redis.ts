import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { REDIS_SERVER } from '@pixdock/shared/testing/redis-programs';
import { redisCli } from './redis-cli.js';

export interface TestRedis {
  url: string;
  pid(): number;
  /** Simulates a crash with `kill -9`. */
  crash(): Promise<void>;
  /** Starts it again with the same port and data, and with further options; resolves once it has loaded the data. */
  restart(...options: string[]): Promise<void>;
  cli(...args: string[]): string;
  stop(): Promise<void>;
}

/** A separate redis-server for one test, on loopback, with AOF. */
export async function startRedis(dataDir: string): Promise<TestRedis> {
  const dir = join(dataDir, 'redis');
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  let child = await run(port, dir);
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: () => child.pid ?? 0,
    async crash() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    async restart(...options) {
      child = await run(port, dir, options);
    },
    cli: (...args) => redisCli({ port }, ...args),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function run(port: number, dir: string, further: string[] = []): Promise<ChildProcess> {
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--appendonly',
    'yes',
    // Tests move its folder to a full disk.
    '--enable-protected-configs',
    'local',
    ...further,
  ];
  const child = killOnExit(spawn(REDIS_SERVER, options, { stdio: 'ignore' }));
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    if (isReady(port)) return child;
    await sleep(50);
  }
  throw new Error('redis-server does not answer');
}

function isReady(port: number): boolean {
  try {
    return redisCli({ port }, 'PING') === 'PONG';
  } catch {
    return false;
  }
}
