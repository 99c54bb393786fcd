import { afterAll, expect, it } from 'vitest';
import { startTestRedis } from '../../testing/redis.js';
import { recordKeys } from '../record-keys.js';
import { openLiveWorkers } from './live-workers.js';
import { openOutcomeCounts } from './outcome-counts.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
afterAll(() => redis.stop());

it('counts the workers that reported lately, until they leave', async () => {
  const workers = openLiveWorkers(connection, settings.prefix);
  expect(await workers.count()).toBe(0);
  await workers.report('first');
  await workers.report('second');
  await workers.report('second');
  expect(await workers.count()).toBe(2);
  await workers.leave('second');
  // A killed worker does not leave.
  await connection.zadd(recordKeys(settings.prefix).workers, Date.now() - 21_000, 'killed');
  expect(await workers.count()).toBe(1);
  await workers.report('third');
  expect(await connection.zrange(recordKeys(settings.prefix).workers, 0, '-1')).toEqual(['first', 'third']);
});

it('adds up the outcomes of the last hour', async () => {
  const counts = openOutcomeCounts(connection, settings.prefix);
  await counts.add('published', null);
  await counts.add('published', null);
  await counts.add('failed', 'image_corrupt');
  const key = recordKeys(settings.prefix).outcomes(Math.floor(Date.now() / 60_000) - 30);
  await connection.hset(key, 'failed image_corrupt', 4, 'a later version', 1);
  const found = await counts.read();
  expect(found).toHaveLength(2);
  expect(found).toContainEqual({ status: 'published', code: null, count: 2 });
  expect(found).toContainEqual({ status: 'failed', code: 'image_corrupt', count: 5 });
  const { minutes, failures } = await counts.throughput();
  expect(minutes).toHaveLength(60);
  const amounts = minutes.flatMap(({ published, failed }) =>
    published + failed > 0 ? [[published, failed]] : [],
  );
  expect(amounts).toContainEqual([0, 4]);
  expect(minutes.reduce((sum, { published }) => sum + published, 0)).toBe(2);
  expect(failures).toEqual([{ code: 'image_corrupt', count: 5 }]);
  // Each slot disappears, even if the next one has just begun.
  const slots = await connection.keys(`${settings.prefix}:outcomes:*`);
  const lives = await Promise.all(slots.filter((slot) => slot !== key).map((slot) => connection.pttl(slot)));
  expect(lives.every((ms) => ms > 0) && lives.length > 0).toBe(true);
});
