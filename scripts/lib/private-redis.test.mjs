import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findRedis, parseVersion } from './find-or-install-redis.mjs';
import { ask, awaitRedis, preparePrivateRedis } from './private-redis.mjs';

test('runs in a folder with spaces and quotes, with a password, an append-only file and mode 0600', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'pixdock "redis\' \\'));
  const redis = await preparePrivateRedis(await findRedis(), dataDir);
  const server = spawn(redis.command[0], redis.command.slice(1), { stdio: 'ignore' });
  try {
    await awaitRedis(redis);
    expect(redis.command.join(' ')).not.toContain(redis.password);
    expect(await ask(redis.port, [['PING']])).toEqual([expect.stringContaining('-NOAUTH')]);
    const config = join(dataDir, 'redis', 'redis.conf');
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(readFileSync(config, 'utf8')).toContain('maxmemory-policy noeviction\n');
    expect(statSync(join(dataDir, 'redis', 'appendonlydir')).isDirectory()).toBe(true);
    expect(await settingOf(redis, 'bind')).toBe('127.0.0.1');
    expect(await settingOf(redis, 'appendonly')).toBe('yes');
    expect(await settingOf(redis, 'appendfsync')).toBe('everysec');
    expect(await settingOf(redis, 'maxmemory-policy')).toBe('noeviction');
  } finally {
    server.kill('SIGKILL');
    await new Promise((resolve) => server.once('exit', resolve));
    rmSync(dataDir, { recursive: true, force: true });
  }
});

/** Reads a setting of a running Redis. */
async function settingOf({ port, password }, name) {
  // `ask` reads one line per command, and the value is on the sixth line.
  const pings = Array.from({ length: 4 }, () => ['PING']);
  const lines = await ask(port, [['AUTH', password], ['CONFIG', 'GET', name], ...pings]);
  return lines[5];
}

test('reads the version of Redis and of Valkey', () => {
  expect(parseVersion('/r', 'Redis server v=8.0.2 sha=0:0 malloc=jemalloc')).toEqual({
    binary: '/r',
    kind: 'Redis',
    version: [8, 0],
  });
  expect(parseVersion('/v', 'Valkey server v=8.1.1 sha=0')).toMatchObject({
    kind: 'Valkey',
    version: [8, 1],
  });
  expect(parseVersion('/x', 'something else')).toBeNull();
});

test('reports a refused connection', async () => {
  await expect(ask(1, [['PING']])).rejects.toThrow('ECONNREFUSED');
});
