import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../testing/redis.js';
import { loadScript } from './scripts.js';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

const load = () => loadScript<0 | 1>('guarded-write');

test('passes numbers of 15 digits, empty lists in documents and every character unchanged', async () => {
  const { connection, settings } = redis;
  const key = `${settings.prefix}:hash`;
  const document = JSON.stringify({
    list: [],
    text: '\u0000"\\\n/\u2028é😀\ud800',
    number: 123_456_789_012_345.6,
  });
  await connection.hset(key, 'version', '1');
  const commands = [['HSET', 1, 'version', 999_999_999_999_999, 'doc', document]];
  expect(await load()(connection, [key], { field: 'version', expected: '1', commands })).toBe(1);
  expect(await connection.hgetall(key)).toEqual({ version: '999999999999999', doc: document });
});

test('sends the text again to a Redis that has lost its scripts', async () => {
  const { connection, settings } = redis;
  const key = `${settings.prefix}:other`;
  const script = load();
  const guard = { field: 'version', expected: '', orAbsent: true } as const;
  await connection.script('FLUSH');
  expect(await script(connection, [key], { ...guard, commands: [['HSET', 1, 'version', 2]] })).toBe(1);
  expect(await script(connection, [key], { ...guard, commands: [['HSET', 1, 'version', 3]] })).toBe(0);
  expect(await connection.hget(key, 'version')).toBe('2');
});
