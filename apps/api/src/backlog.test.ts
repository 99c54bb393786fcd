import { expect, test } from 'vitest';
import { followBacklog } from './backlog.js';

test('asks Redis once for all callers within a second, and again after a failure', async () => {
  let asked = 0;
  let reply: () => Promise<number> = () => Promise.reject(new Error('away'));
  const waiting = () => {
    asked++;
    return reply();
  };
  const backlog = followBacklog({ waiting }, { countQueued: async () => 0 });
  const both = await Promise.allSettled([backlog.expectRedis(), backlog.expectRedis()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(asked).toBe(1);
  reply = () => Promise.resolve(7);
  await backlog.expectRedis();
  await backlog.expectRedis();
  expect(asked).toBe(2);
});

test("counts only an owner's own images while more images wait", async () => {
  const asked: string[] = [];
  const countQueued = async (owner: string) => {
    asked.push(owner);
    return owner === 'bob' ? 1 : 10_000;
  };
  const backlog = followBacklog({ waiting: async () => 10_001 }, { countQueued });
  expect([await backlog.sizeFor('bob'), await backlog.sizeFor('alice')]).toEqual([1, 10_000]);
  await backlog.sizeFor('bob');
  expect(asked).toEqual(['bob', 'alice']);
  // The owner's other images are batch items, and single images do not wait for them.
  expect(await followBacklog({ waiting: async () => 7 }, { countQueued }).sizeFor('alice')).toBe(7);
});
