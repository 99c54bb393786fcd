import { expect, it } from 'vitest';
import { openQuarantine } from './quarantine.js';

/** A quarantine and the names of the images in progress. */
function openNamed() {
  const quarantine = openQuarantine();
  const inProgress: string[] = [];
  return {
    inProgress,
    start: async (name: string, isAlone: boolean): Promise<() => void> => {
      const permit = await quarantine.acquire(isAlone);
      inProgress.push(name);
      return () => {
        inProgress.splice(inProgress.indexOf(name), 1);
        permit[Symbol.dispose]();
      };
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('processes images side by side', async () => {
  const { inProgress, start } = openNamed();
  await Promise.all([start('a', false), start('b', false)]);
  expect(inProgress).toEqual(['a', 'b']);
});

it('starts a suspect once no other image is in progress, and later images after it', async () => {
  const { inProgress, start } = openNamed();
  const endA = await start('a', false);
  const suspect = start('suspect', true);
  const late = start('late', false);
  await settled();
  expect(inProgress).toEqual(['a']);
  endA();
  const endSuspect = await suspect;
  await settled();
  expect(inProgress).toEqual(['suspect']);
  endSuspect();
  await late;
  expect(inProgress).toEqual(['late']);
});

it('processes suspects one after the other', async () => {
  const { inProgress, start } = openNamed();
  const endFirst = await start('1', true);
  const second = start('2', true);
  await settled();
  expect(inProgress).toEqual(['1']);
  endFirst();
  await second;
  expect(inProgress).toEqual(['2']);
});
