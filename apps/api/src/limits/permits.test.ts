import { setImmediate as nextTurn } from 'node:timers/promises';
import { detailOf } from '@pixdock/contract/messages/detail';
import { expect, test } from 'vitest';
import { openPermits, type Permits } from './permits.js';

const LIMITS = {
  atOnce: 3,
  ofOwner: 2,
  queuedOfOwner: 4,
  patienceMs: 100,
  refusal: detailOf('writes-at-once'),
};

/** Acquires permits and lists the owners in the order of their permits. */
function acquire(permits: Permits, owner: string, count: number, entries: string[]) {
  return Array.from({ length: count }, async () => {
    const permit = await permits.acquire(owner);
    entries.push(owner);
    return permit;
  });
}

test('limits the permits of each owner and leaves the rest to others', async () => {
  const permits = openPermits(LIMITS, () => true);
  const entries: string[] = [];
  const alice = Promise.allSettled(acquire(permits, 'alice', 5, entries));
  const bob = acquire(permits, 'bob', 1, entries);
  await Promise.all(bob);
  expect(entries).toEqual(['alice', 'alice', 'bob']);
  await expect(permits.acquire('alice')).rejects.toMatchObject({
    code: 'rate_limited',
    detail: LIMITS.refusal,
    retryAfterSeconds: 1,
  });
  const ended = await alice;
  expect(ended.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
  ]);
});

test('passes returned permits to waiting owners in turn', async () => {
  const permits = openPermits({ ...LIMITS, patienceMs: 10_000 }, () => true);
  const entries: string[] = [];
  const all = [
    ...acquire(permits, 'alice', 4, entries),
    ...acquire(permits, 'bob', 2, entries),
    ...acquire(permits, 'carol', 1, entries),
  ];
  await Promise.all(
    all.map(async (acquired) => {
      using _ = await acquired;
      await nextTurn();
    }),
  );
  expect(entries.toSorted()).toEqual(['alice', 'alice', 'alice', 'alice', 'bob', 'bob', 'carol']);
  expect(entries.indexOf('carol')).toBeLessThan(entries.lastIndexOf('alice'));
});

test('refuses another owner as overloaded when all permits are held', async () => {
  const permits = openPermits(LIMITS, () => true);
  await Promise.all([...acquire(permits, 'alice', 2, []), ...acquire(permits, 'bob', 1, [])]);
  await expect(permits.acquire('carol')).rejects.toMatchObject({ code: 'overloaded' });
});

test('grants a returned permit again after a refusal', async () => {
  const permits = openPermits(LIMITS, () => true);
  const held = await Promise.all(acquire(permits, 'alice', 2, []));
  await expect(permits.acquire('alice')).rejects.toMatchObject({ code: 'rate_limited' });
  for (const permit of held) permit[Symbol.dispose]();
  const again = await Promise.all(acquire(permits, 'alice', 2, []));
  expect(again).toHaveLength(2);
});

test('gives a single owner all permits and never rate-limits it', async () => {
  const permits = openPermits(LIMITS, () => false);
  const entries: string[] = [];
  const ended = await Promise.allSettled(acquire(permits, 'alice', 20, entries));
  expect(entries).toHaveLength(LIMITS.atOnce);
  const refusals = ended.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  expect(new Set(refusals)).toEqual(new Set(['overloaded']));
});
