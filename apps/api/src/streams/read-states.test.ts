import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import { testBatch } from '@pixdock/shared/testing/batch';
import { testRecord } from '@pixdock/shared/testing/record';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, it } from 'vitest';
import type { Parts } from '../deps.js';
import { readStates } from './read-states.js';

it('reads what a GET would find: no batch that is being forgotten, and nothing that is gone', async () => {
  const [image, open] = [testRecord(), newBatchState(testBatch(), 1)];
  const forgotten = { ...newBatchState(testBatch(), 1), forgottenAt: Date.now() };
  const deps = stub<Parts<'images' | 'batches'>>({
    images: { inRedisMany: async (ids) => ids.map((id) => (id === image.id ? image : null)) },
    batches: { inRedis: async (id) => [open, forgotten].find((state) => state.id === id) ?? null },
  });
  const gone = [testRecord().id, testBatch().id];
  expect(await readStates(deps, [open.id, image.id, forgotten.id, ...gone])).toEqual([
    { type: 'image', state: image },
    { type: 'batch', state: open },
  ]);
});
