import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../testing/redis.js';
import { createLog } from './log.js';
import { connectRedis, type RedisConnection } from './redis.js';
import { checkRedis, judgeRedis } from './redis-check.js';
import { SettingsError } from './settings-error.js';

const GOOD = { redis_version: '7.2.4', maxmemory_policy: 'noeviction', aof_enabled: '1' };

test('accepts a Redis that evicts nothing and has an append-only file', () => {
  expect(judgeRedis(GOOD)).toEqual({ fault: null, warnings: [] });
});

test.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl'])('%s would delete jobs', (policy) => {
  const { fault } = judgeRedis({ ...GOOD, maxmemory_policy: policy });
  expect(fault?.problem).toContain(policy);
  expect(fault?.fix).toContain('maxmemory-policy noeviction');
});

test.each([
  ['4.0.14', true, 0],
  ['5.0.14', false, 1],
  ['6.0.16', false, 1],
  ['6.2.0', false, 0],
  ['10.0.0', false, 0],
  ['unstable', false, 0],
])('version %s', (version, isRefused, warnings) => {
  const findings = judgeRedis({ ...GOOD, redis_version: version });
  expect(findings.fault !== null).toBe(isRefused);
  expect(findings.warnings).toHaveLength(warnings);
});

test('warns about a missing append-only file and an unknown policy', () => {
  expect(judgeRedis({ ...GOOD, aof_enabled: '0' }).warnings.join()).toContain('appendonly yes');
  const { maxmemory_policy: _, ...untold } = GOOD;
  expect(judgeRedis(untold)).toMatchObject({
    fault: null,
    warnings: [expect.stringContaining('noeviction')],
  });
});

describe('of a real Redis', () => {
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
    await checkRedis(connection, log);
    expect(lines.filter((line) => line.includes('appendonly'))).toHaveLength(1);
    await reconnected();
    await connection.ping();
    expect(lines).toHaveLength(1);
  });

  test('refuses a Redis that evicts, even if CONFIG is forbidden', async () => {
    await connection.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await connection.call('ACL', 'SETUSER', 'managed', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const url = redis.settings.url.replace('//', '//managed:secret@');
    const managed = connectRedis({ ...redis.settings, url }, 'prompt', () => {});
    await expect(checkRedis(managed, listen().log)).rejects.toThrow(SettingsError);
    managed.disconnect();
    await connection.config('SET', 'maxmemory-policy', 'noeviction');
  });

  test('logs an error for a Redis that evicts after the start', async () => {
    const { lines, log } = listen();
    await checkRedis(connection, log);
    await connection.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await reconnected();
    await expect.poll(() => lines.filter((line) => line.includes('"level":50'))).toHaveLength(1);
    expect(lines.join()).toContain('"fix":"set maxmemory-policy noeviction');
    await connection.config('SET', 'maxmemory-policy', 'noeviction');
  });
});

test('starts after two seconds without a Redis', async () => {
  const lines: string[] = [];
  const log = createLog('test', { level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const away = connectRedis({ url: 'redis://127.0.0.1:1', prefix: '{x}' }, 'prompt', () => {});
  const began = performance.now();
  // Without the time limit, the check never ends.
  await checkRedis(away, log);
  expect(performance.now() - began).toBeGreaterThan(1900);
  expect(lines).toEqual([]);
  away.disconnect();
});
