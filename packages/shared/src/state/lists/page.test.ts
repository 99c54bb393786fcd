import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { timeOrder } from './order.js';
import { readPage } from './page.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

it('ends a page without matches by its CPU time, and continues behind its last entry', async () => {
  const entries = Array.from({ length: 1000 }, (_, n) => [n, `img_${randomBytes(16).toString('hex')}`]);
  await redis.connection.zadd('index', ...entries.flat());
  let reads = 0;
  const read = async (ids: readonly string[]) => {
    reads++;
    const began = cpuMs();
    while (cpuMs() - began < 60);
    return ids.map((id) => ({ owner: 'alice', id }));
  };
  const index = { order: timeOrder(redis.connection, 'index'), owner: 'alice', read };
  const page = (cursor: string | null) => readPage(index, { cursor, limit: 10, matches: () => false });
  const first = await page(null);
  expect([first.items.length, reads]).toEqual([0, 2]);
  let pages = 1;
  for (let { next } = first; next !== null; pages++) ({ next } = await page(next));
  // Each page but the last reads 11 entries and then 200.
  expect(pages).toBe(5);
});

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
