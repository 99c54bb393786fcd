import { AsyncLocalStorage } from 'node:async_hooks';
import { openTurns } from './turns.js';

/**
 * Time for work on caller-sized input per turn of the event loop, for all tasks of the process together. A POST takes about 30
 * turns (files, Redis), so 1 ms delays it by 30 ms.
 */
const SLICE_MS = 1;
/** The slices of an owner count half after this time, as its requests do (fair-queue.ts). */
const HALF_LIFE_MS = 100;

const currentOwner = new AsyncLocalStorage<string>();
const turns = openTurns(HALF_LIFE_MS);
/** Tasks that wait for a slice, by owner, in order of arrival. */
const waiting = new Map<string, (() => void)[]>();
let sliceBegan = 0;

/** Does a task whose slices count for this owner. Those of other tasks count for one owner more. */
export const inSlicesOf = <T>(owner: string, task: () => T): T => currentOwner.run(owner, task);

/** Whether the slice is over, so that the task should `await nextSlice()` before its next step. */
export function isSliceOver(): boolean {
  return performance.now() - sliceBegan > SLICE_MS;
}

/**
 * Waits for a new slice. One task continues per turn of the event loop, so that many tasks use no more of a turn than one. Owners
 * take turns, however many tasks each has.
 */
export function nextSlice(): Promise<void> {
  const owner = currentOwner.getStore() ?? '';
  if (waiting.size === 0) setImmediate(beginSlice);
  return new Promise((resolve) => {
    const tasks = waiting.get(owner);
    if (tasks === undefined) waiting.set(owner, [resolve]);
    else tasks.push(resolve);
  });
}

function beginSlice(): void {
  const owner = turns.next(waiting.keys()) ?? '';
  const tasks = waiting.get(owner) ?? [];
  const resume = tasks.shift();
  if (tasks.length === 0) waiting.delete(owner);
  if (waiting.size > 0) setImmediate(beginSlice);
  turns.add(owner, 1);
  sliceBegan = performance.now();
  resume?.();
}
