import { afterAll, expect, it } from 'vitest';
import { startTestRedis } from '../testing/redis.js';
import { openQueue } from './queue.js';
import { openQueueDepths } from './queue-depths.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
const queue = openQueue(connection, settings.prefix);
afterAll(async () => {
  await queue.close();
  await redis.stop();
});

const idOf = (n: number) => `img_${String(n).padStart(32, '0')}`;
const next = (n: number, owner: string) => ({
  id: idOf(n),
  run: 1,
  owner,
  flow: '',
  isItem: false,
  needsSource: false,
});

it('counts the jobs of every queue and finds the oldest, wherever it waits', async () => {
  const read = openQueueDepths(connection, settings.prefix);
  for (const { queue: name, ...depth } of await read())
    expect([name, depth]).toEqual([name, { waiting: 0, active: 0, delayed: 0, oldestMs: 0 }]);

  for (let n = 0; n < 100; n++) await queue.enqueue(next(n, 'acme'));
  await queue.enqueue(next(100, 'other'));
  // The second owner's job is served soon, although it was added last.
  const job = `${settings.prefix}:queue:images:${idOf(100)}-1`;
  await connection.hset(job, 'timestamp', Date.now() - 60_000);
  await queue.expand({ id: `bat_${'0'.repeat(32)}`, owner: 'acme' });

  const depths = await read();
  const images = depths.find((depth) => depth.queue === 'images');
  expect(images).toMatchObject({ waiting: 101, active: 0, delayed: 0 });
  expect(images?.oldestMs).toBeGreaterThanOrEqual(60_000);
  expect(depths.find((depth) => depth.queue === 'upkeep')).toMatchObject({ waiting: 1 });
});

it('takes one command for all queues', async () => {
  const read = openQueueDepths(connection, settings.prefix);
  await read();
  const commands = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await connection.info('commandstats'))?.[1]);
  const before = await commands();
  await read();
  expect((await commands()) - before).toBe(1);
});
