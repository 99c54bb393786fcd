import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { factsOf } from './faults.js';
import { RETRY_POLICY, withRetries } from './retry.js';
import { type FaultKind, StorageFault } from './types.js';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('doubles its pauses and gives up after the fourth try', async () => {
  const { tries, pauses } = await outcome([
    fault('transient'),
    fault('transient'),
    fault('transient'),
    fault('transient'),
  ]);
  expect(tries).toBe(4);
  expect(pauses).toEqual([200, 400, 800]);
});

it('waits at least as long as OSS asks', async () => {
  const { pauses } = await outcome([fault('throttled', 'CpuLimitExceeded', 3000), null]);
  expect(pauses).toEqual([3000]);
});

it.each(['configuration', 'rejected'] as const)('does not retry a %s fault', async (kind) => {
  expect(await outcome([fault(kind), null])).toMatchObject({ tries: 1 });
});

it.each(['InvalidDigest', 'RequestTimeTooSkewed', 'SecurityTokenExpired'])(
  'retries %s once',
  async (code) => {
    expect(await outcome([fault('rejected', code), fault('rejected', code), null])).toMatchObject({
      tries: 2,
    });
  },
);

it('does not retry errors other than StorageFault', async () => {
  expect(await outcome([new TypeError('ours'), null])).toMatchObject({ tries: 1 });
});

/** Fails with `faults`, one per try; null is a success. */
async function outcome(faults: (Error | null)[]) {
  const pauses: number[] = [];
  let tries = 0;
  const attempt = async () => {
    const next = faults[tries++];
    if (next) throw next;
  };
  const policy = { ...RETRY_POLICY };
  const finished = withRetries(attempt, policy, undefined, (_fault, _attempts, delayMs) =>
    pauses.push(delayMs),
  ).catch(() => {});
  await vi.runAllTimersAsync();
  await finished;
  return { tries, pauses };
}

function fault(kind: FaultKind, code = 'Code', retryAfterMs: number | null = null): StorageFault {
  return new StorageFault('put', factsOf(kind, code, { retryAfterMs }));
}
