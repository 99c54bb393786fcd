import { expect, it } from 'vitest';
import { testBatch } from '../../testing/batch.js';
import { batchEndOf } from './batch-event.js';
import { newBatchState } from './batch-fields.js';

const MINUTE_MS = 60_000;

function ended(finishedAt: number) {
  const state = newBatchState(testBatch({ total: 1 }), 1);
  return { ...state, queued: 0, published: 1, version: 7, finishedAt };
}

it('sends the version that closes the batch', () => {
  const state = ended(Date.now());
  const { event, announcement } = batchEndOf(state, null);
  expect(event?.event).toEqual({
    type: 'batch.finished',
    timestamp: new Date(state.finishedAt).toISOString(),
    data: {
      id: state.id,
      version: 8,
      status: 'finished',
      batchId: null,
      urls: [],
      code: null,
    },
  });
  expect(announcement).toMatchObject({ version: 8, finishedAt: event?.event.timestamp });
});

it('sends the event of the last hour again after a restore, and none that is older', () => {
  const recent = batchEndOf(ended(Date.now() - 10 * MINUTE_MS), null).announcement;
  const restored = { ...ended(Date.now()), version: 4000, minVersion: 3000 };
  const repeated = batchEndOf(restored, recent);
  expect(repeated.event?.event).toMatchObject({ timestamp: recent.finishedAt, data: { version: 8 } });
  expect(repeated.announcement).toEqual(recent);
  const old = batchEndOf(ended(Date.now() - 70 * MINUTE_MS), null).announcement;
  expect(batchEndOf(restored, old)).toEqual({ announcement: old, event: null });
  // A retry changed the counts in the meantime.
  const retried = { ...old, counts: { ...old.counts, published: 0, failed: 1 } };
  expect(batchEndOf(restored, retried).event?.event).toMatchObject({ data: { version: 4001 } });
  // A worker died after it had noted the end, and Redis still has the batch.
  expect(batchEndOf({ ...restored, minVersion: 1 }, old).event?.event).toMatchObject({
    data: { version: 4001 },
  });
});
