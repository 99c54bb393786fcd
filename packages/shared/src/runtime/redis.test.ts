import { expect, test } from 'vitest';
import { SettingsReader } from './env.js';
import { readRedisSettings } from './redis.js';

const isTaken = (url: string) => {
  const read = new SettingsReader({ REDIS_URL: url });
  readRedisSettings(read);
  try {
    read.finish();
    return true;
  } catch {
    return false;
  }
};

test.each([
  'redis://127.0.0.1:6379',
  'redis://:p%25ss@redis/3',
  'rediss://user:pass@[::1]:65535',
  'redis-sentinel://a:1,b:2/master',
  'redis-cluster://a,b:7000',
])('accepts the address %s', (url) => {
  expect(isTaken(url)).toBe(true);
});

test.each([
  'http://127.0.0.1:6379',
  'redis://',
  'redis://:p%ss@redis',
  'redis://redis:65536',
  'redis://redis/zero',
  'redis://a,b',
  'redis-sentinel://a:1,b:2',
])('refuses the address %s', (url) => {
  expect(isTaken(url)).toBe(false);
});
