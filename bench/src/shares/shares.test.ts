import { expect, test } from 'vitest';
import { type CpuProfile, processOf, sharesOf } from './shares.js';

const FRAMES = [
  ['(root)', ''],
  ['(idle)', ''],
  ['(garbage collector)', ''],
  ['main', 'file:///pixdock/apps/api/dist/main.js'],
  ['write', 'node:fs'],
  ['writeBuffer', ''],
  ['compile', 'node:internal/modules/esm/utils'],
  ['later', 'node:internal/timers'],
] as const;

const CHILDREN: Record<number, number[]> = { 0: [1, 2, 3, 7], 3: [4, 6], 4: [5] };

const profile: CpuProfile = {
  nodes: FRAMES.map(([functionName, url], id) => ({
    id,
    callFrame: { functionName, url },
    children: CHILDREN[id] ?? [],
  })),
  samples: [2, 6, 1, 2, 3, 4, 5, 7],
  timeDeltas: [500, 500, 1000, 10, 20, 30, 20, 20],
};

test('shares the CPU time of a process among its parts', () => {
  expect(processOf(profile)).toBe('api');
  expect([...sharesOf(profile)]).toEqual([
    ['files', 0.5],
    ["Pixdock's code", 0.2],
    ["Node's own JavaScript", 0.2],
    ['garbage collection', 0.1],
  ]);
});
