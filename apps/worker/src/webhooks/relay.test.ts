import type { Change } from '@pixdock/shared/state/records/change-message';
import { stub } from '@pixdock/shared/testing/stub';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startRelay } from './relay.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Starts a relay with an empty outbox. */
function start() {
  let listener: (change: Change) => void = () => {};
  const take = vi.fn(async () => []);
  const overdue = vi.fn(async () => [{ endpointId: 'whe_1', owner: 'acme' }]);
  const deliver = vi.fn(async () => {});
  const debug = vi.fn();
  const relay = startRelay(
    stub<Parameters<typeof startRelay>[0]>({
      outbox: { take, done: async () => {} },
      deliveries: { overdue },
      queue: { deliver },
      log: { debug },
      changes: { listen: (added) => void (listener = added) },
    }),
  );
  const change = async (id: string, status: Change['status']) => {
    listener({ id, version: 1, owner: 'acme', batchId: null, status });
    await vi.advanceTimersByTimeAsync(0);
  };
  return { relay, take, overdue, deliver, debug, change };
}

it('looks for events every second, and at once when an image becomes final or a batch changes', async () => {
  const { relay, take, change } = start();
  await vi.advanceTimersByTimeAsync(1000);
  expect(take).toHaveBeenCalledTimes(2);
  await change('img_1', 'queued');
  await change('img_1', 'processing');
  expect(take).toHaveBeenCalledTimes(2);
  await change('img_1', 'published');
  expect(take).toHaveBeenCalledTimes(3);
  await change('bat_1', null);
  expect(take).toHaveBeenCalledTimes(4);
  await relay.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(take).toHaveBeenCalledTimes(4);
});

it('starts the job of an endpoint with overdue deliveries, every five seconds', async () => {
  const { relay, overdue, deliver } = start();
  await vi.advanceTimersByTimeAsync(4000);
  expect(deliver.mock.calls).toEqual([['whe_1', 'acme']]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(overdue).toHaveBeenCalledTimes(2);
  await relay.stop();
});

it('continues when Redis does not respond', async () => {
  const { relay, take, debug } = start();
  await vi.advanceTimersByTimeAsync(0);
  take.mockRejectedValueOnce(new Error('away'));
  await vi.advanceTimersByTimeAsync(2000);
  expect(take).toHaveBeenCalledTimes(3);
  expect(debug).toHaveBeenCalledTimes(1);
  await relay.stop();
});
