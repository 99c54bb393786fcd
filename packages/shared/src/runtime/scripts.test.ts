import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../testing/redis.js';
import { loadGuardedWrite } from './guarded-write.js';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

test('passes numbers of 15 digits, empty lists in documents and every character unchanged', async () => {
  const { connection, settings } = redis;
  const key = `${settings.prefix}:hash`;
  const document = JSON.stringify({
    list: [],
    text: '\u0000"\\\n/\u2028é😀\ud800',
    number: 123_456_789_012_345.6,
  });
  await connection.hset(key, 'version', '1');
  const write = loadGuardedWrite(connection);
  const guard = { hash: key, field: 'version', expected: 1 };
  expect(await write(guard, [['HSET', key, 'version', 999_999_999_999_999, 'doc', document]])).toBe(true);
  expect(await connection.hgetall(key)).toEqual({ version: '999999999999999', doc: document });
});

test('sends the text again to a Redis that has lost its scripts', async () => {
  const { connection, settings } = redis;
  const key = `${settings.prefix}:other`;
  const write = loadGuardedWrite(connection);
  const guard = { hash: key, field: 'version', expected: '', orAbsent: true } as const;
  await connection.script('FLUSH');
  expect(await write(guard, [['HSET', key, 'version', 2]])).toBe(true);
  expect(await write(guard, [['HSET', key, 'version', 3]])).toBe(false);
  expect(await connection.hget(key, 'version')).toBe('2');
});
