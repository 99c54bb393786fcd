import type { JobQueue } from '@pixdock/shared/queue/job-queue';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import { openReopeningQueue } from './reopening-queue.js';

test('opens the queue again until a call succeeds, and keeps it then', async () => {
  let isAway = true;
  let opened = 0;
  let closed = 0;
  const open = () => {
    opened++;
    const bornDead = isAway;
    const waiting = async () => {
      if (bornDead || isAway) throw new Error('away');
      return 7;
    };
    return stub<JobQueue>({ waiting, close: async () => void closed++ });
  };
  const queue = openReopeningQueue(open);
  await expect(queue.waiting()).rejects.toThrow('away');
  await expect(queue.waiting()).rejects.toThrow('away');
  isAway = false;
  expect(await queue.waiting()).toBe(7);
  expect([opened, closed]).toEqual([3, 2]);
  isAway = true;
  await expect(queue.waiting()).rejects.toThrow('away');
  isAway = false;
  expect(await queue.waiting()).toBe(7);
  expect(opened).toBe(3);
});
