import type { JobContext } from '@pixdock/shared/queue/jobs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openUploadPriority, prioritizeUploads } from './prioritize-uploads.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('limits items while a single image is in progress, and for a moment after the last one', async () => {
  const calls: string[] = [];
  const uploads = openUploadPriority({ begin: () => calls.push('begin'), end: () => calls.push('end') });
  const [first, second] = [uploads.acquire(), uploads.acquire()];
  first[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(calls).toEqual(['begin', 'begin']);
  second[Symbol.dispose]();
  const third = uploads.acquire();
  await vi.advanceTimersByTimeAsync(10_000);
  third[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(0);
  expect(calls).toEqual(['begin', 'begin', 'begin']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(calls).toEqual(['begin', 'begin', 'begin', 'end']);
});

it('ends the limit once the image only waits for the network', async () => {
  const calls: string[] = [];
  const uploads = openUploadPriority({ begin: () => calls.push('begin'), end: () => calls.push('end') });
  const handle = prioritizeUploads(async (_payload, { freeSlot }) => {
    freeSlot();
    await vi.advanceTimersByTimeAsync(10_000);
    return { outcome: 'done' };
  }, uploads);
  const context = { freeSlot: () => calls.push('freed') } as Partial<JobContext> as JobContext;
  await handle({ imageId: 'a', run: 1, owner: 'acme' }, context);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(calls).toEqual(['begin', 'freed', 'end']);
});

it('ends the limit also after a job that failed', async () => {
  const calls: string[] = [];
  const uploads = openUploadPriority({ begin: () => calls.push('begin'), end: () => calls.push('end') });
  const handle = prioritizeUploads(async () => Promise.reject(new Error('failed')), uploads);
  await expect(handle({ imageId: 'a', run: 1, owner: 'acme' }, {} as JobContext)).rejects.toThrow('failed');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(calls).toEqual(['begin', 'end']);
});
