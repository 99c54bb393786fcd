import { expect, it } from 'vitest';
import { testBatch } from '../../testing/batch.js';
import { announcementOf, batchEventOf } from './batch-event.js';
import { newBatchState } from './batch-fields.js';

const MINUTE_MS = 60_000;

function finished(finishedAt: number) {
  const state = newBatchState(testBatch({ total: 1 }), 1);
  return { ...state, queued: 0, published: 1, version: 7, finishedAt };
}

it('sends one event for each end of a batch', () => {
  const state = finished(Date.now());
  const { event } = batchEventOf(state, null) ?? {};
  expect(event).toEqual({
    type: 'batch.finished',
    timestamp: new Date(state.finishedAt).toISOString(),
    data: {
      id: state.id,
      version: 7,
      status: 'finished',
      externalId: null,
      batchId: null,
      url: null,
      code: null,
    },
  });
  const announced = { ...state, announcedAt: state.finishedAt };
  expect(batchEventOf(announced, null)).toBeNull();
  expect(batchEventOf({ ...announced, finishedAt: state.finishedAt + 1 }, null)).not.toBeNull();
  expect(batchEventOf({ ...announced, buriedAt: 1, finishedAt: state.finishedAt + 1 }, null)).toBeNull();
});

it('sends the event of the last hour again after a restore, and none that is older', () => {
  const recent = announcementOf(finished(Date.now() - 10 * MINUTE_MS));
  const restored = { ...finished(Date.now()), version: 4000 };
  expect(batchEventOf(restored, recent)?.event).toMatchObject({
    timestamp: recent.finishedAt,
    data: { version: 7 },
  });
  const old = announcementOf(finished(Date.now() - 70 * MINUTE_MS));
  expect(batchEventOf(restored, old)).toBeNull();
  // A retry changed the counts in the meantime.
  const retried = { ...old, counts: { ...old.counts, published: 0, failed: 1 } };
  expect(batchEventOf(restored, retried)?.event).toMatchObject({ data: { version: 4000 } });
});
