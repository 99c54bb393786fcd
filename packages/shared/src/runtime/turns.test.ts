import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ_TIMEOUT_MS, fuzz } from '../testing/fuzz.js';
import { openTurns } from './turns.js';

const HALF_LIFE_MS = 1000;
const RUNS = 300;
const MOST = 100;
const OWNERS = ['alice', 'bob', 'carol', 'dave'];

const turn = fc.record({
  cost: fc.integer({ min: 1, max: MOST }),
  /** Time that passes before the turn. */
  passedMs: fc.integer({ min: 0, max: 2 * HALF_LIFE_MS }),
});
const manyTurns = fc.array(turn, { minLength: 1, maxLength: 80 });
/** What each owner has used before. */
const used = fc.integer({ min: 0, max: 5 * MOST });
const history = fc.tuple(used, used, used, used);

/** Serves the owners, who all wait, and returns who had each turn and what it cost. */
function serve(all: { cost: number; passedMs: number }[], before: readonly number[] = []) {
  let nowMs = 0;
  const turns = openTurns(HALF_LIFE_MS, () => nowMs);
  for (const [i, cost] of before.entries()) turns.add(OWNERS[i] ?? '', cost);
  return all.map(({ cost, passedMs }) => {
    nowMs += passedMs;
    const owner = turns.next(OWNERS) ?? '';
    turns.add(owner, cost);
    return { owner, cost };
  });
}

const sum = (costs: { cost: number }[]) => costs.reduce((total, { cost }) => total + cost, 0);

it(
  'lets an owner wait at most until each other has used as much as it had',
  () =>
    fuzz(
      fc.asyncProperty(manyTurns, history, async (all, before) => {
        const served = serve(all, before);
        for (const [i, owner] of OWNERS.entries()) {
          const first = served.findIndex((one) => one.owner === owner);
          const waitedFor = served.slice(0, first === -1 ? undefined : first);
          for (const other of OWNERS) {
            const turnsOfOther = waitedFor.filter((one) => one.owner === other);
            expect(sum(turnsOfOther.slice(0, -1))).toBeLessThanOrEqual(before[i] ?? 0);
          }
        }
      }),
      RUNS,
    ),
  FUZZ_TIMEOUT_MS,
);

it(
  'gives owners who all wait equal parts, except for one turn',
  () =>
    fuzz(
      fc.asyncProperty(manyTurns, async (all) => {
        const served = serve(all.map(({ cost }) => ({ cost, passedMs: 0 })));
        const parts = OWNERS.map((owner) => sum(served.filter((one) => one.owner === owner)));
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(MOST);
      }),
      RUNS,
    ),
  FUZZ_TIMEOUT_MS,
);

it('never lets an owner wait that is alone', () => {
  const turns = openTurns();
  turns.add('alice', 1e9);
  expect([turns.next(['alice']), turns.next([])]).toEqual(['alice', null]);
});

it('forgives half of what an owner has used in each half-life', () => {
  let nowMs = 0;
  const turns = openTurns(HALF_LIFE_MS, () => nowMs);
  turns.add('alice', 100);
  nowMs = 2 * HALF_LIFE_MS;
  turns.add('bob', 24);
  expect(turns.next(['alice', 'bob'])).toBe('bob');
  turns.add('bob', 2);
  expect(turns.next(['alice', 'bob'])).toBe('alice');
});
