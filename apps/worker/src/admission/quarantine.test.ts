import { testRecord } from '@pixdock/shared/testing/record';
import { expect, test } from 'vitest';
import { isSuspect, openQuarantine } from './quarantine.js';

/** Follows who is inside. */
function follow() {
  const quarantine = openQuarantine();
  const inside: string[] = [];
  return {
    inside,
    enter: async (name: string, isAlone: boolean): Promise<() => void> => {
      const leave = await quarantine.enter(isAlone);
      inside.push(name);
      return () => {
        inside.splice(inside.indexOf(name), 1);
        leave();
      };
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('images are in hand together', async () => {
  const { inside, enter } = follow();
  await Promise.all([enter('a', false), enter('b', false)]);
  expect(inside).toEqual(['a', 'b']);
});

test('a suspect waits until it is alone, and whoever comes after it waits for it', async () => {
  const { inside, enter } = follow();
  const leaveA = await enter('a', false);
  const suspect = enter('suspect', true);
  const late = enter('late', false);
  await settled();
  expect(inside).toEqual(['a']);
  leaveA();
  const leaveSuspect = await suspect;
  await settled();
  expect(inside).toEqual(['suspect']);
  leaveSuspect();
  await late;
  expect(inside).toEqual(['late']);
});

test('suspects are in hand one after the other', async () => {
  const { inside, enter } = follow();
  const first = await enter('1', true);
  const second = enter('2', true);
  await settled();
  expect(inside).toEqual(['1']);
  first();
  await second;
  expect(inside).toEqual(['2']);
});

test.each([
  [0, null, false],
  [1, null, false],
  // In hand when its worker died, which is not counted yet.
  [1, 'h', true],
  [2, null, true],
  [4, null, true],
  // It will be given up, and is not decoded any more.
  [4, 'h', false],
])('after %d deaths, held by %s: %s', (deaths, holder, suspect) => {
  const record = testRecord();
  expect(isSuspect({ ...record, internal: { ...record.internal, deaths, holder } })).toBe(suspect);
});
