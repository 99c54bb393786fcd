import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { type FailureRetries, openFailureRetries } from './failure-retries.js';

let redis: TestRedis;
let retries: FailureRetries;
beforeAll(async () => {
  redis = await startTestRedis();
  retries = openFailureRetries(redis.connection, redis.settings.prefix);
});
afterAll(() => redis.stop());

const idOf = (n: number) => `frt_${String(n).padStart(32, '0')}`;

it('lets an owner run ten retries at a time, so that they do not delay the jobs of others', async () => {
  const first = await retries.create(idOf(0), 'acme', {});
  for (let n = 1; n < 10; n++) expect(await retries.create(idOf(n), 'acme', {})).not.toBe(null);
  expect(await retries.create(idOf(10), 'acme', {})).toBe(null);
  expect(await retries.get(idOf(10))).toBe(null);
  expect(await retries.create(idOf(11), 'other', {})).not.toBe(null);
  // A request that is repeated with its Idempotency-Key has its retry already.
  expect(await retries.create(idOf(0), 'acme', {})).toEqual(first);
  if (first !== null) await retries.save({ ...first, status: 'finished' });
  expect(await retries.create(idOf(10), 'acme', {})).not.toBe(null);
});

it('does not count a retry that has finished when its request is repeated', async () => {
  const created = await retries.create(idOf(20), 'third', {});
  if (created === null) throw new Error('refused');
  await retries.save({ ...created, status: 'finished' });
  const repeated = await retries.create(created.id, 'third', {});
  expect(repeated?.status).toBe('finished');
  for (let n = 21; n < 31; n++) expect(await retries.create(idOf(n), 'third', {})).not.toBe(null);
});
