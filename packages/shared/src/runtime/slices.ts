import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Time for work on caller-sized input per turn of the event loop, for all tasks of the process together. A POST takes about 30
 * turns (files, Redis), so 1 ms delays it by 30 ms.
 */
const SLICE_MS = 1;

let sliceBegan = 0;
let line: Promise<void> = Promise.resolve();

/** Whether the slice is over, so that the task should `await nextSlice()` before its next step. */
export function isSliceOver(): boolean {
  return performance.now() - sliceBegan > SLICE_MS;
}

/**
 * Waits for a new slice. One task continues per turn of the event loop, in order of arrival, so that many tasks use no more
 * of a turn than one.
 */
export function nextSlice(): Promise<void> {
  line = line.then(takeTurn);
  return line;
}

async function takeTurn(): Promise<void> {
  await nextTurn();
  sliceBegan = performance.now();
}
