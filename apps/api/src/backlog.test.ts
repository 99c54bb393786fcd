import type { JobQueue } from '@pixdock/shared/queue';
import { expect, test } from 'vitest';
import { followBacklog } from './backlog.js';

test('counts once for all who ask within a second, and again after a failure', async () => {
  let asked = 0;
  let answer: () => Promise<number> = () => Promise.reject(new Error('away'));
  const waiting = () => {
    asked++;
    return answer();
  };
  const backlog = followBacklog({ waiting } as JobQueue);
  const both = await Promise.allSettled([backlog.size(), backlog.size()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(asked).toBe(1);
  answer = () => Promise.resolve(7);
  expect([await backlog.size(), await backlog.size()]).toEqual([7, 7]);
  expect(asked).toBe(2);
});
