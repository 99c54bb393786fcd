import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { takeTurnsUntilFreed, takeTurnsWithFewJobs, takeTurnsWithManyJobs } from './take-turns.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const CONTEXT = { signal: new AbortController().signal, timesTaken: 1 } as JobContext;

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A queue whose jobs end on request. The first letter of a job names its owner. */
function testQueue(inTurn = takeTurnsWithFewJobs(2, 100)) {
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  const results = new Map<string, Promise<JobResult>>();
  const handle = inTurn(async ({ name }: { owner: string; name: string }): Promise<JobResult> => {
    began.push(name);
    await new Promise<void>((resolve) => void ends.set(name, resolve));
    return { outcome: 'done' };
  });
  const ownerOf = (name: string) => name[0] ?? '';
  return {
    began,
    results,
    add: async (...names: string[]) => {
      for (const name of names) results.set(name, handle({ owner: ownerOf(name), name }, CONTEXT));
      await settle();
    },
    end: async (name: string) => {
      ends.get(name)?.();
      await settle();
    },
  };
}

it('gives the next place to the owner whose jobs have had places for the shortest time', async () => {
  const { add, end, began } = testQueue();
  await add('a1', 'a2', 'a3', 'a4', 'a5');
  await vi.advanceTimersByTimeAsync(100);
  await add('b1', 'b2');
  await end('a1');
  expect(began).toEqual(['a1', 'a2', 'b1']);
  await vi.advanceTimersByTimeAsync(1000);
  // Since then each has had one place, and alice has had both before.
  await end('b1');
  expect(began.at(-1)).toBe('b2');
  await vi.advanceTimersByTimeAsync(1000);
  // No other job of bob waits.
  await end('b2');
  expect(began.at(-1)).toBe('a3');
});

it('leaves the jobs of an owner that has many to the queue, and takes those of others', async () => {
  const { add, began, results } = testQueue(takeTurnsWithFewJobs(2, 2));
  await add('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3');
  expect(began).toEqual(['a1', 'a2']);
  // One after the other, and those of another owner not behind them.
  expect(await results.get('a3')).toEqual({ outcome: 'again', afterMs: 400 });
  expect(await results.get('a4')).toEqual({ outcome: 'again', afterMs: 410 });
  expect(await results.get('b3')).toEqual({ outcome: 'again', afterMs: 400 });
});

it('has places for another owner at once, however many have slow jobs', async () => {
  // No job goes back, however slow the machine is.
  const never = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal);
  onTestFinished(() => never.mockRestore());
  const { add, end, began } = testQueue(takeTurnsWithManyJobs(4));
  await add('a1', 'a2', 'a3', 'a4', 'a5');
  expect(began).toEqual(['a1', 'a2', 'a3', 'a4']);
  await add('b1', 'b2', 'b3');
  expect(began.slice(4)).toEqual(['b1', 'b2']);
  await add('c1', 'c2');
  expect(began.slice(6)).toEqual(['c1']);
  await vi.advanceTimersByTimeAsync(1000);
  await end('a1');
  expect(began.slice(7)).toEqual(['c2']);
});

it('lets a job wait longer each time that a worker takes it', () => {
  const waits = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal);
  onTestFinished(() => waits.mockRestore());
  const handle = takeTurnsWithManyJobs(1)(() => new Promise(() => {}));
  for (const timesTaken of [1, 1, 2, 9]) void handle({ owner: 'alice' }, { ...CONTEXT, timesTaken });
  expect(waits.mock.calls).toEqual([[50], [400], [500]]);
});

it('gives the place of a job that waits for the network to another job', async () => {
  const began: string[] = [];
  const frees = new Map<string, () => void>();
  const handle = takeTurnsUntilFreed(1)(
    async ({ owner }: { owner: string }, { freeSlot }): Promise<JobResult> => {
      began.push(owner);
      frees.set(owner, freeSlot);
      await new Promise(() => {});
      return { outcome: 'done' };
    },
  );
  for (const owner of ['alice', 'bob']) void handle({ owner }, CONTEXT);
  await settle();
  expect(began).toEqual(['alice']);
  frees.get('alice')?.();
  await settle();
  expect(began).toEqual(['alice', 'bob']);
});

it('never lets an owner wait that is alone', async () => {
  const { add, end, began } = testQueue();
  await add('a1', 'a2', 'a3');
  await vi.advanceTimersByTimeAsync(60_000);
  await end('a1');
  expect(began).toEqual(['a1', 'a2', 'a3']);
});

it('sends a job over the limit of its owner back after a while, and not the job of another', async () => {
  const frees: (() => void)[] = [];
  const began: string[] = [];
  const handle = takeTurnsWithManyJobs(1)(
    async ({ owner }: { owner: string }, { freeSlot }): Promise<JobResult> => {
      began.push(owner);
      await new Promise<void>((resolve) => frees.push(() => (freeSlot(), resolve())));
      return { outcome: 'done' };
    },
  );
  const context = { ...CONTEXT, freeSlot: () => began.push('freed') } as JobContext;
  const first = handle({ owner: 'alice' }, context);
  expect(await handle({ owner: 'alice' }, context)).toEqual({ outcome: 'again', afterMs: 100 });
  const second = handle({ owner: 'alice' }, context);
  const third = handle({ owner: 'bob' }, context);
  // Before the second job goes back.
  frees[0]?.();
  await first;
  await expect.poll(() => began.toSorted()).toEqual(['alice', 'alice', 'bob', 'freed']);
  for (const free of frees.slice(1)) free();
  expect(await Promise.all([second, third])).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
});
