import { stub } from '@pixdock/shared/testing/stub';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { relaySome, startRelay } from './relay.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

type Deps = Parameters<typeof startRelay>[0];
type TakenEntry = Awaited<ReturnType<Deps['outbox']['take']>>[number];

/** An old event that this version cannot read. */
const damaged = (id: string): TakenEntry => ({ id, addedAt: 0, entry: null });

/** Starts a relay with an empty outbox. */
function start() {
  const owners = ['acme'];
  const take = vi.fn(async (_owner: string): Promise<TakenEntry[]> => []);
  const overdue = vi.fn(async () => [{ endpointId: 'whe_1', owner: 'acme' }]);
  const deliver = vi.fn(async () => {});
  const [debug, warn] = [vi.fn(), vi.fn()];
  const relay = startRelay(
    stub<Deps>({
      outbox: { owners: async () => ({ owners, epoch: 7 }), take, done: async () => {} },
      deliveries: { overdue },
      queue: { deliver },
      log: { debug, warn, error: () => {} },
    }),
  );
  return { relay, owners, take, overdue, deliver, debug, warn };
}

it('looks for events every two seconds, and at once when it is woken', async () => {
  const { relay, take } = start();
  await vi.advanceTimersByTimeAsync(2000);
  expect(take).toHaveBeenCalledTimes(2);
  relay.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(take).toHaveBeenCalledTimes(3);
  await relay.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(take).toHaveBeenCalledTimes(3);
});

it('starts the job of an endpoint with overdue deliveries, every five seconds', async () => {
  const { relay, overdue, deliver } = start();
  await vi.advanceTimersByTimeAsync(4000);
  expect(deliver.mock.calls).toEqual([['whe_1', 'acme']]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(overdue).toHaveBeenCalledTimes(2);
  await relay.stop();
});

it('relays events while the search for overdue deliveries takes long', async () => {
  const { relay, take, overdue, deliver } = start();
  let found = () => {};
  const searching = new Promise<void>((resolve) => void (found = resolve));
  deliver.mockReturnValue(searching);
  await vi.advanceTimersByTimeAsync(4000);
  expect([overdue.mock.calls.length, take.mock.calls.length]).toEqual([1, 3]);
  found();
  await relay.stop();
});

it('continues when Redis does not respond', async () => {
  const { relay, take, debug } = start();
  await vi.advanceTimersByTimeAsync(0);
  take.mockRejectedValueOnce(new Error('away'));
  await vi.advanceTimersByTimeAsync(4000);
  expect(take).toHaveBeenCalledTimes(3);
  expect(debug).toHaveBeenCalledTimes(1);
  await relay.stop();
});

it('looks again at once while there are more events, and ends with the look in progress', async () => {
  const { relay, take } = start();
  await vi.advanceTimersByTimeAsync(0);
  take.mockResolvedValueOnce([damaged('1')]).mockResolvedValueOnce([damaged('2')]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(take).toHaveBeenCalledTimes(4);
  let end: (taken: TakenEntry[]) => void = () => {};
  take.mockReturnValueOnce(new Promise((resolve) => void (end = resolve)));
  await vi.advanceTimersByTimeAsync(2000);
  const stopped = vi.fn();
  const stopping = relay.stop().then(stopped);
  await vi.advanceTimersByTimeAsync(0);
  expect(stopped).not.toHaveBeenCalled();
  end([]);
  await stopping;
  expect(take).toHaveBeenCalledTimes(5);
});

it('takes the events of owners in turn, however many one of them has', async () => {
  const { relay, owners, take } = start();
  await vi.advanceTimersByTimeAsync(0);
  take.mockClear();
  owners.push('bob');
  take.mockImplementation(async () => {
    vi.advanceTimersByTime(10);
    return take.mock.calls.length < 20 ? [damaged('1')] : [];
  });
  await vi.advanceTimersByTimeAsync(2000);
  const served = take.mock.calls.slice(0, 19).map(([owner]) => owner);
  expect(served.filter((owner) => owner === 'bob').length).toBeGreaterThanOrEqual(9);
  await relay.stop();
});

it('keeps events in the outbox until their deliveries are stored and have jobs', async () => {
  const calls: string[] = [];
  const note = (call: string) => void calls.push(call);
  const data = {
    id: 'img_1',
    version: 2,
    status: 'published',
    externalId: null,
    batchId: null,
    url: null,
    code: null,
  };
  const event = { type: 'image.published', timestamp: '2027-01-31T08:00:00.000Z', data } as const;
  const webhook = { endpointId: 'whe_2', url: 'https://h/own' };
  const deps = stub<Deps>({
    outbox: {
      take: async () => [
        damaged('1'),
        { id: '2', addedAt: 0, entry: { owner: 'acme', isItem: false, event, webhook } },
        { id: '3', addedAt: 0, entry: { owner: 'acme', isItem: false, event, webhook: null } },
      ],
      done: async (owner, ids, takenIn) => note(`done ${owner} ${ids} in ${takenIn}`),
    },
    endpoints: { subscribed: async () => ['whe_1'] },
    deliveries: {
      async add(_owner, _event, targets) {
        note(`add ${targets.map(({ endpointId, url }) => `${endpointId} ${url ?? ''}`.trim()).join(', ')}`);
        await Promise.resolve();
        note('added');
        return 1;
      },
    },
    queue: { deliver: async (endpointId) => note(`deliver ${endpointId}`) },
    events: { webhooksDropped: (_owner, count) => note(`dropped ${count}`) },
    log: { error: (_fields: unknown, message?: string) => note(message ?? '') },
  });
  expect(await relaySome(deps, 'acme', 7)).toEqual({ relayed: 3, left: [] });
  expect(calls).toEqual([
    'an event in the outbox cannot be read',
    'add whe_1, whe_2 https://h/own',
    'add whe_1',
    // Together: another owner waits until both are stored.
    'added',
    'added',
    'dropped 2',
    'deliver whe_1',
    'deliver whe_2',
    'done acme 1,2,3 in 7',
  ]);
});

it('leaves an event that it cannot read to a newer worker for a day, and warns once', async () => {
  const { relay, take, warn } = start();
  const newer = { ...damaged('1'), addedAt: Date.now() - 23 * 3600_000 };
  await vi.advanceTimersByTimeAsync(0);
  take.mockResolvedValueOnce([newer]).mockResolvedValueOnce([newer]);
  await vi.advanceTimersByTimeAsync(4000);
  expect(warn.mock.calls.map(([{ ids }]) => ids)).toEqual([['1']]);
  await relay.stop();
  const done = vi.fn(async () => {});
  const deps = stub<Deps>({
    outbox: { take: async () => [newer, damaged('2')], done },
    log: { error: () => {} },
  });
  expect(await relaySome(deps, 'acme', 7)).toEqual({ relayed: 1, left: ['1'] });
  expect(done.mock.calls).toEqual([['acme', ['2'], 7]]);
});
