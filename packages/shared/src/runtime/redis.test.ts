import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startTestRedis } from '../testing/redis.js';
import { SettingsReader } from './env.js';
import { connectRedis, readRedisSettings } from './redis.js';

const faultOf = (url: string, language: 'en' | 'zh' = 'en'): string | null => {
  const read = new SettingsReader({ REDIS_URL: url }, language);
  readRedisSettings(read);
  try {
    read.finish();
    return null;
  } catch (error) {
    return String(error);
  }
};
const isTaken = (url: string) => faultOf(url) === null;

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

test.each([
  ['redis://:hid@den@redis', ['@ as %40']],
  ['redis://user:hid@d/en@redis:6379/3', ['@ as %40', '/ as %2F']],
  ['redis://:hid#d/en%@redis', ['/ as %2F', '# as %23', '% as %25']],
  ['redis-sentinel://:hid@den@a:1,b:2/master', ['@ as %40']],
  ['redis-cluster://:hid/den@a:1,b:2', ['/ as %2F']],
])('tells how to encode the password of %s, without the password', (url, encoded) => {
  const fault = faultOf(url) ?? '';
  for (const one of encoded) expect(fault).toContain(one);
  expect(fault).not.toContain('hid');
  expect(faultOf(url, 'zh')).toContain('百分号编码');
});

test('subscribes again after a Redis host that vanished with its connections open', async () => {
  const redis = await startTestRedis();
  onTestFinished(() => redis.stop());
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const upstream = connect(Number(new URL(redis.settings.url).port), '127.0.0.1');
    client.pipe(upstream).pipe(client);
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  await once(proxy, 'listening');
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : null;
  const subscriber = connectRedis({ url: `redis://127.0.0.1:${port}`, prefix: '{test}' }, 'subscribed');
  onTestFinished(() => subscriber.disconnect());
  await subscriber.subscribe('{test}:changes');

  for (const socket of sockets) socket.unpipe().pause();
  const received: string[] = [];
  subscriber.on('message', (_, message) => received.push(message));
  await expect.poll(() => redis.connection.publish('{test}:changes', 'new'), { timeout: 20_000 }).toBe(2);
  await expect.poll(() => received).toContain('new');
}, 30_000);
