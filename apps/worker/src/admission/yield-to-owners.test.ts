import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withWay } from './yield-to-owners.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HANDED_BACK: JobResult = { outcome: 'again', afterMs: 0 };

/** A queue of four slots whose jobs take until they end, or are handed back when their signal aborts. */
function testQueue(nextOwners: () => string[]) {
  const stopping = new AbortController();
  const results: [string, JobResult][] = [];
  const ends = new Map<string, () => void>();
  let looks = 0;
  const handle = withWay(
    async ({ imageId }: { imageId: string; owner?: string }, { signal }) =>
      new Promise<JobResult>((resolve) => {
        ends.set(imageId, () => resolve({ outcome: 'done' }));
        signal.addEventListener('abort', () => resolve(HANDED_BACK));
      }),
    {
      slots: () => 4,
      async nextOwners() {
        looks++;
        return nextOwners();
      },
    },
  );
  return {
    results,
    stopping,
    looks: () => looks,
    end: (imageId: string) => ends.get(imageId)?.(),
    take: async (owner: string, ...ids: string[]): Promise<void> => {
      const context = { signal: stopping.signal } as JobContext;
      for (const imageId of ids)
        void handle({ imageId, owner }, context).then((result) => results.push([imageId, result]));
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test('sends the newest jobs of an owner who holds all slots back, beyond half, while another waits', async () => {
  let next = ['alice', 'bob'];
  const { take, results } = testQueue(() => next);
  await take('alice', 'a1', 'a2', 'a3', 'a4');
  await vi.advanceTimersByTimeAsync(1000);
  const away: JobResult = { outcome: 'again', afterMs: 500, behind: true };
  expect(results).toEqual([
    ['a3', away],
    ['a4', away],
  ]);
  await take('bob', 'b1');
  await take('alice', 'a5');
  // At once, as long as somebody waits.
  expect(results.slice(2)).toEqual([['a5', away]]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(results).toHaveLength(3);
  next = ['alice'];
  await vi.advanceTimersByTimeAsync(1000);
  await take('alice', 'a6');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(results).toHaveLength(3);
});

test('sends nothing back while no other owner waits, or while a slot is free', async () => {
  const { take, results, looks, end } = testQueue(() => ['alice', 'alice']);
  await take('alice', 'a1', 'a2', 'a3');
  await vi.advanceTimersByTimeAsync(5000);
  expect(looks()).toBe(0);
  await take('alice', 'a4');
  await vi.advanceTimersByTimeAsync(5000);
  expect(results).toEqual([]);
  expect(looks()).toBe(5);
  for (const id of ['a1', 'a2', 'a3', 'a4']) end(id);
  await vi.advanceTimersByTimeAsync(5000);
  expect(results).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

test('hands every job back at once when the worker stops', async () => {
  const { take, results, stopping } = testQueue(() => ['bob']);
  await take('alice', 'a1', 'a2');
  stopping.abort(new Error('stopping'));
  await vi.advanceTimersByTimeAsync(0);
  expect(results).toEqual([
    ['a1', HANDED_BACK],
    ['a2', HANDED_BACK],
  ]);
});

test('limits another owner once that one holds all slots', async () => {
  const { take, results, end } = testQueue(() => ['bob']);
  await take('alice', 'a1', 'a2', 'a3', 'a4');
  await vi.advanceTimersByTimeAsync(1000);
  expect(results.map(([id]) => id)).toEqual(['a3', 'a4']);
  for (const id of ['a1', 'a2']) end(id);
  await take('carol', 'c1', 'c2', 'c3', 'c4');
  await vi.advanceTimersByTimeAsync(1000);
  const back = results.filter(([, { outcome }]) => outcome === 'again').map(([id]) => id);
  expect(back).toEqual(['a3', 'a4', 'c3', 'c4']);
});

test('makes way for a third owner when two others hold half of the slots each', async () => {
  const { take, results } = testQueue(() => ['carol']);
  await take('alice', 'a1', 'a2');
  await take('bob', 'b1', 'b2');
  await vi.advanceTimersByTimeAsync(1000);
  expect(results.map(([id]) => id)).toEqual(['a2', 'b2']);
});

test('sends nothing back for an owner who holds an equal share', async () => {
  const { take, results } = testQueue(() => ['alice', 'bob']);
  await take('alice', 'a1', 'a2');
  await take('bob', 'b1', 'b2');
  await vi.advanceTimersByTimeAsync(5000);
  expect(results).toEqual([]);
});
