import { type LiveWorkers, REPORT_EVERY_MS } from '@pixdock/shared/state/service/live-workers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reportAlive } from './report-alive.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Reports a worker; the calls with the id that they name, in order. */
function start(part: Partial<LiveWorkers> = {}) {
  const calls: string[] = [];
  const worker = reportAlive({
    count: async () => 0,
    report: async (id) => void calls.push(`report ${id}`),
    leave: async (id) => void calls.push(`leave ${id}`),
    ...part,
  });
  return { calls, worker };
}

it('reports one id until it stops, and then removes it', async () => {
  const { calls, worker } = start();
  await vi.advanceTimersByTimeAsync(2 * REPORT_EVERY_MS);
  const [id] = calls.map((call) => call.slice('report '.length));
  await worker.stop();
  expect(calls).toEqual([`report ${id}`, `report ${id}`, `report ${id}`, `leave ${id}`]);
  await vi.advanceTimersByTimeAsync(2 * REPORT_EVERY_MS);
  expect(calls).toHaveLength(4);
});

it('continues after a report that failed', async () => {
  const report = vi.fn(async () => {}).mockRejectedValueOnce(new Error('away'));
  const { worker } = start({ report });
  await vi.advanceTimersByTimeAsync(REPORT_EVERY_MS);
  expect(report).toHaveBeenCalledTimes(2);
  await worker.stop();
});

it('removes its id after a report that has not ended, which would add it again', async () => {
  let endReport = () => {};
  const report = () => new Promise<void>((resolve) => void (endReport = resolve));
  const { calls, worker } = start({ report });
  const stopped = worker.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(calls).toEqual([]);
  endReport();
  await stopped;
  expect(calls).toEqual([expect.stringMatching(/^leave /)]);
});

it('stops although its id cannot be removed', async () => {
  const { worker } = start({ leave: () => Promise.reject(new Error('away')) });
  await expect(worker.stop()).resolves.toBe(undefined);
});

it('stops within half a second when Redis does not respond', async () => {
  const { worker } = start({ leave: () => new Promise(() => {}) });
  const stopped = vi.fn();
  void worker.stop().then(stopped);
  await vi.advanceTimersByTimeAsync(500);
  expect(stopped).toHaveBeenCalled();
});
