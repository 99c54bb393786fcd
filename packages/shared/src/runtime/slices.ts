import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Work on caller-sized input that runs between two turns of the event loop, for all tasks of the process together. A POST waits
 * for about 30 turns one after the other (files, Redis), so 1 ms delays it by 30 ms.
 */
const SLICE_MS = 1;

let sliceBegan = 0;
let line: Promise<void> = Promise.resolve();

/** Whether the slice is used up, and the task should `await nextSlice()` before its next step. */
export function isSliceOver(): boolean {
  return performance.now() - sliceBegan > SLICE_MS;
}

/**
 * Waits for this task's turn: one task is let through per turn of the event loop, in order of arrival, so that many tasks
 * at once use no more of a turn than one.
 */
export function nextSlice(): Promise<void> {
  line = line.then(takeTurn);
  return line;
}

async function takeTurn(): Promise<void> {
  await nextTurn();
  sliceBegan = performance.now();
}
