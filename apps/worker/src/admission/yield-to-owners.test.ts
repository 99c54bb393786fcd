import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openFairShare, yieldToOwners } from './yield-to-owners.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const REQUEUED: JobResult = { outcome: 'again', afterMs: 0 };

/** A queue of four slots whose jobs run until they end, or go back when their signal aborts. */
function testQueue(nextOwners: () => string[]) {
  const stopping = new AbortController();
  const results: [string, JobResult][] = [];
  const ends = new Map<string, () => void>();
  const frees = new Map<string, () => void>();
  let checks = 0;
  let freed = 0;
  const handle = yieldToOwners(
    async ({ imageId }: { imageId: string; owner: string }, { signal, freeSlot }) =>
      new Promise<JobResult>((resolve) => {
        frees.set(imageId, freeSlot);
        ends.set(imageId, () => resolve({ outcome: 'done' }));
        signal.addEventListener('abort', () => resolve(REQUEUED));
      }),
    openFairShare({
      slots: () => 4,
      async nextOwners() {
        checks++;
        return nextOwners();
      },
    }),
  );
  return {
    results,
    stopping,
    checks: () => checks,
    freed: () => freed,
    end: (imageId: string) => ends.get(imageId)?.(),
    free: (imageId: string) => frees.get(imageId)?.(),
    take: async (owner: string, ...ids: string[]): Promise<void> => {
      const context: JobContext = { signal: stopping.signal, lastTry: false, freeSlot: () => freed++ };
      for (const imageId of ids)
        void handle({ imageId, owner }, context).then((result) => results.push([imageId, result]));
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

it('recalls the newest jobs beyond half of the slots from an owner who holds all, while another owner waits', async () => {
  let next = ['alice', 'bob'];
  const { take, results } = testQueue(() => next);
  await take('alice', 'a1', 'a2', 'a3', 'a4');
  await vi.advanceTimersByTimeAsync(1000);
  const back: JobResult = { outcome: 'again', afterMs: 500, behind: true };
  expect(results).toEqual([
    ['a3', back],
    ['a4', back],
  ]);
  await take('bob', 'b1');
  await take('alice', 'a5');
  // At once, as long as another owner waits.
  expect(results.slice(2)).toEqual([['a5', back]]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(results).toHaveLength(3);
  next = ['alice'];
  await vi.advanceTimersByTimeAsync(1000);
  await take('alice', 'a6');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(results).toHaveLength(3);
});

it('recalls nothing while no other owner waits, or while a slot is free', async () => {
  const { take, results, checks, end } = testQueue(() => ['alice', 'alice']);
  await take('alice', 'a1', 'a2', 'a3');
  await vi.advanceTimersByTimeAsync(5000);
  expect(checks()).toBe(0);
  await take('alice', 'a4');
  await vi.advanceTimersByTimeAsync(5000);
  expect(results).toEqual([]);
  expect(checks()).toBe(5);
  for (const id of ['a1', 'a2', 'a3', 'a4']) end(id);
  await vi.advanceTimersByTimeAsync(5000);
  expect(results).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

it('neither counts nor recalls a job that has freed its slot, which still ends when the worker stops', async () => {
  const { take, results, free, freed, stopping } = testQueue(() => ['alice', 'bob']);
  await take('alice', 'a1', 'a2', 'a3', 'a4');
  free('a4');
  expect(freed()).toBe(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(results).toEqual([]);
  await take('alice', 'a5');
  await vi.advanceTimersByTimeAsync(1000);
  expect(results.map(([id]) => id)).toEqual(['a3', 'a5']);
  stopping.abort(new Error('stopping'));
  await vi.advanceTimersByTimeAsync(0);
  expect(
    results
      .slice(2)
      .map(([id]) => id)
      .toSorted(),
  ).toEqual(['a1', 'a2', 'a4']);
});

it('recalls every job at once when the worker stops', async () => {
  const { take, results, stopping } = testQueue(() => ['bob']);
  await take('alice', 'a1', 'a2');
  stopping.abort(new Error('stopping'));
  await vi.advanceTimersByTimeAsync(0);
  expect(results).toEqual([
    ['a1', REQUEUED],
    ['a2', REQUEUED],
  ]);
});

it('limits another owner once that one holds all slots', async () => {
  const { take, results, end } = testQueue(() => ['bob']);
  await take('alice', 'a1', 'a2', 'a3', 'a4');
  await vi.advanceTimersByTimeAsync(1000);
  expect(results.map(([id]) => id)).toEqual(['a3', 'a4']);
  for (const id of ['a1', 'a2']) end(id);
  await take('carol', 'c1', 'c2', 'c3', 'c4');
  await vi.advanceTimersByTimeAsync(1000);
  const requeued = results.filter(([, { outcome }]) => outcome === 'again').map(([id]) => id);
  expect(requeued).toEqual(['a3', 'a4', 'c3', 'c4']);
});

it('recalls jobs for a third owner when two others hold half of the slots each', async () => {
  const { take, results } = testQueue(() => ['carol']);
  await take('alice', 'a1', 'a2');
  await take('bob', 'b1', 'b2');
  await vi.advanceTimersByTimeAsync(1000);
  expect(results.map(([id]) => id)).toEqual(['a2', 'b2']);
});

it('recalls nothing for an owner who holds an equal share', async () => {
  const { take, results } = testQueue(() => ['alice', 'bob']);
  await take('alice', 'a1', 'a2');
  await take('bob', 'b1', 'b2');
  await vi.advanceTimersByTimeAsync(5000);
  expect(results).toEqual([]);
});
