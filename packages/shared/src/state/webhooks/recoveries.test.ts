import { afterAll, expect, it } from 'vitest';
import { startTestRedis } from '../../testing/redis.js';
import { openRecoveries } from './recoveries.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const SINCE = '2026-01-05T08:00:00.000Z';

it('lets an owner run ten recoveries at a time', async () => {
  const recoveries = openRecoveries(redis.connection, redis.settings.prefix);
  const first = await recoveries.create('acme', SINCE);
  for (let n = 1; n < 10; n++) expect(await recoveries.create('acme', SINCE)).not.toBe(null);
  expect(await recoveries.create('acme', SINCE)).toBe(null);
  expect(await recoveries.create('other', SINCE)).not.toBe(null);
  if (first !== null) await recoveries.save({ ...first, status: 'finished' });
  expect(await recoveries.create('acme', SINCE)).not.toBe(null);
});
