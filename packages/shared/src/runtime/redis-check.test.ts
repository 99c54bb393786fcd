import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../testing/redis.js';
import { createLog } from './log.js';
import { connectRedis, type RedisConnection } from './redis.js';
import { checkRedis, judgeRedis, refusalOf } from './redis-check.js';
import { StartFault } from './start-fault.js';

const GOOD = { redis_version: '7.2.4', maxmemory_policy: 'noeviction', aof_enabled: '1' };

test('accepts a Redis that evicts nothing and has an append-only file', () => {
  expect(judgeRedis(GOOD)).toEqual({ fault: null, warnings: [] });
});

test.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl'])(
  'refuses %s, which would delete jobs',
  (policy) => {
    const { fault } = judgeRedis({ ...GOOD, maxmemory_policy: policy });
    expect(fault?.problem.en).toContain(policy);
    expect(fault?.fix.en).toContain('maxmemory-policy noeviction');
  },
);

test.each([
  ['4.0.14', true, 0],
  ['5.0.14', false, 1],
  ['6.0.16', false, 1],
  ['6.2.0', false, 0],
  ['10.0.0', false, 0],
  ['unstable', false, 0],
])('judges version %s', (version, isRefused, warnings) => {
  const findings = judgeRedis({ ...GOOD, redis_version: version });
  expect(findings.fault !== null).toBe(isRefused);
  expect(findings.warnings).toHaveLength(warnings);
});

test('warns about a missing append-only file and an unknown policy', () => {
  expect(judgeRedis({ ...GOOD, aof_enabled: '0' }).warnings.join()).toContain('appendonly yes');
  const { maxmemory_policy: _, ...unknownPolicy } = GOOD;
  expect(judgeRedis(unknownPolicy)).toMatchObject({
    fault: null,
    warnings: [expect.stringContaining('noeviction')],
  });
});

describe('a real Redis', () => {
  let redis: TestRedis;
  let connection: RedisConnection;
  beforeAll(async () => {
    redis = await startTestRedis();
    connection = redis.connection;
  });
  afterAll(() => redis.stop());

  function listen() {
    const lines: string[] = [];
    return {
      lines,
      log: createLog('test', { level: 'debug', destination: { write: (line) => void lines.push(line) } }),
    };
  }
  const reconnected = async () => {
    const ready = new Promise((resolve) => connection.once('ready', resolve));
    await connection.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no').catch(() => {});
    await ready;
  };

  test('warns once that a real Redis has no append-only file', async () => {
    const { lines, log } = listen();
    await checkRedis(connection, redis.settings, log);
    expect(lines.filter((line) => line.includes('appendonly'))).toHaveLength(1);
    await reconnected();
    await connection.ping();
    expect(lines.filter((line) => line.includes('appendonly'))).toHaveLength(1);
  });

  test('refuses a Redis that evicts, even if CONFIG is forbidden', async () => {
    await connection.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await connection.call('ACL', 'SETUSER', 'managed', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const url = redis.settings.url.replace('//', '//managed:secret@');
    const managed = connectRedis({ ...redis.settings, url }, 'prompt');
    await expect(checkRedis(managed, redis.settings, listen().log)).rejects.toThrow(StartFault);
    managed.disconnect();
    await connection.config('SET', 'maxmemory-policy', 'noeviction');
  });

  const refusal = async (login: string, scheme = 'redis') => {
    const url = redis.settings.url.replace('redis://', `${scheme}://${login}`);
    const { log, lines } = listen();
    const refused = connectRedis({ ...redis.settings, url }, 'prompt');
    const fault = await checkRedis(refused, { ...redis.settings, url }, log).catch((error) => error);
    refused.disconnect();
    expect(lines).toEqual([]);
    expect(fault).toBeInstanceOf(StartFault);
    return fault.toSettingsError('en').message;
  };

  test.each(['redis', 'redis-cluster'])('refuses to start with a wrong password at %s://', async (scheme) => {
    const fault = await refusal('nobody:wr0ng@', scheme);
    expect(fault).toContain(new URL(redis.settings.url).host);
    expect(fault).toMatch(/refuses the user and the password \(WRONGPASS\)\n {4}fix: .*%40/);
    expect(fault).not.toContain('wr0ng');
  });

  test('refuses to start without a password, and as a user that may not use the keys', async () => {
    await connection.call('ACL', 'SETUSER', 'limited', 'on', '>secret', '~other:*', '&*', '+@all');
    expect(await refusal('limited:secret@')).toContain('NOPERM');
    await connection.config('SET', 'requirepass', 'secret');
    expect(await refusal('')).toMatch(/requires a password \(NOAUTH\)\n {4}fix: .*redis:\/\/:PASSWORD@/);
    await connection.config('SET', 'requirepass', '');
  });

  test.each([
    'READONLY You can’t write against a read only replica.',
    'LOADING Redis is loading',
    'connect ECONNREFUSED',
  ])('keeps trying after %s', (message) => expect(refusalOf(new Error(message), 'redis:6379')).toBeNull());

  test('logs an error for a Redis that evicts after the start', async () => {
    const { lines, log } = listen();
    await checkRedis(connection, redis.settings, log);
    await connection.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await reconnected();
    await expect.poll(() => lines.filter((line) => line.includes('"level":50'))).toHaveLength(1);
    expect(lines.join()).toContain('"fix":"set maxmemory-policy noeviction');
    await connection.config('SET', 'maxmemory-policy', 'noeviction');
  });
});

test.each([
  ['redis', /"fix":"start Redis, or correct host and port in REDIS_URL"/],
  ['rediss', /"fix":"start Redis, .*; write redis:\/\/ for a Redis without TLS"/],
])(
  'starts after two seconds without a Redis at %s://, and says once where it looks for one',
  async (scheme, fix) => {
    const lines: string[] = [];
    const log = createLog('test', {
      level: 'debug',
      destination: { write: (line) => void lines.push(line) },
    });
    const settings = { url: `${scheme}://:secret?secret#@127.0.0.1:1`, prefix: '{x}' };
    const away = connectRedis(settings, 'prompt');
    const began = performance.now();
    // Without the time limit, the check never ends.
    await checkRedis(away, settings, log);
    expect(performance.now() - began).toBeGreaterThan(1900);
    await new Promise((resolve) => away.once('reconnecting', resolve));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('Redis at 127.0.0.1:1 cannot be used: connect ECONNREFUSED');
    expect(lines[0]).not.toContain('secret');
    expect(lines[0]).toMatch(fix);
    away.disconnect();
  },
);

test('refuses to start with the port of a web server', async () => {
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const settings = { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, prefix: '{x}' };
  const web = connectRedis(settings, 'prompt');
  await expect(checkRedis(web, settings, createLog('test'))).rejects.toThrow(
    'does not speak the protocol of Redis',
  );
  web.disconnect();
  server.close();
});
