import type { JobContext } from '@pixdock/shared/queue/jobs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withPrecedence } from './prioritize-uploads.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('batches step back while a single image is in hand, and come back a moment after the last', async () => {
  const told: string[] = [];
  const ends: (() => void)[] = [];
  const handle = withPrecedence(
    async () => {
      await new Promise<void>((resolve) => void ends.push(resolve));
      return { outcome: 'done' };
    },
    { begin: () => void told.push('begin'), end: () => void told.push('end') },
  );
  const take = (imageId: string) => handle({ imageId, run: 1 }, {} as JobContext);
  const [first, second] = [take('a'), take('b')];
  ends[0]?.();
  await first;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual(['begin', 'begin']);
  ends[1]?.();
  await second;
  const third = take('c');
  await vi.advanceTimersByTimeAsync(10_000);
  ends[2]?.();
  await third;
  expect(told).toEqual(['begin', 'begin', 'begin']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual(['begin', 'begin', 'begin', 'end']);
});

test('a handler that throws gives the way back', async () => {
  const told: string[] = [];
  const handle = withPrecedence(async () => Promise.reject(new Error('no')), {
    begin: () => void told.push('begin'),
    end: () => void told.push('end'),
  });
  await expect(handle({ imageId: 'a', run: 1 }, {} as JobContext)).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual(['begin', 'end']);
});
