import type { ObjectStore } from '@pixdock/object-store/types';
import type { Records } from '@pixdock/shared/state/records/records';
import { testRecord } from '@pixdock/shared/testing/record';
import { expect, test } from 'vitest';
import type { WorkerDeps } from '../deps.js';
import { deleteImage } from './delete-image.js';

test('a deletion that a stopping worker lets go of goes back to its queue, and has used up no try', async () => {
  const record = testRecord({ status: 'published' });
  record.internal.keys = ['a/main.jpg'];
  const letGo = new AbortController();
  const records: Partial<Records> = { move: async () => ({ outcome: 'moved', record }) };
  const store: Partial<ObjectStore> = {
    async remove(_key, signal) {
      letGo.abort();
      signal?.throwIfAborted();
    },
  };
  const remove = deleteImage({
    records,
    store,
    queue: { isRunning: async () => false },
    gate: { isClosed: () => false },
    config: { profiles: new Map(), store: { prefix: '' } },
  } as unknown as WorkerDeps);
  const payload = { imageId: record.id, owner: record.owner };
  const context = { signal: letGo.signal, lastTry: false, depth: 0 };
  expect(await remove(payload, context)).toEqual({ outcome: 'again', afterMs: 0 });
});

test('removes nothing of an image while a run of it is in progress', async () => {
  const record = testRecord({ status: 'published' });
  record.internal.keys = ['a/main.jpg'];
  let isRunning = true;
  const removed: string[] = [];
  const records: Partial<Records> = { move: async () => ({ outcome: 'moved', record }) };
  const store: Partial<ObjectStore> = { remove: async (key) => void removed.push(key) };
  const remove = deleteImage({
    records,
    store,
    queue: { isRunning: async () => isRunning },
    gate: { isClosed: () => false },
    config: { profiles: new Map(), store: { prefix: '' } },
  } as unknown as WorkerDeps);
  const payload = { imageId: record.id, owner: record.owner };
  const context = { signal: new AbortController().signal, lastTry: false, depth: 0 };
  expect(await remove(payload, context)).toMatchObject({ outcome: 'again' });
  expect(removed).toEqual([]);
  isRunning = false;
  expect(await remove(payload, context)).toEqual({ outcome: 'done' });
  expect(removed).toEqual(['a/main.jpg']);
});
