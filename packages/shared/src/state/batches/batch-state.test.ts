import { expect, test } from 'vitest';
import { type BatchState, isBatchSettled, parseBatchState } from './batch-state.js';
import { toBatch } from './batch-view.js';

const NOW = 1_800_000_000_000;

function stateOf(changes: Partial<BatchState> = {}): BatchState {
  const fields = {
    owner: 'acme',
    profile: 'default',
    format: 'json',
    total: 100,
    rows: 100,
    invalid: 0,
    version: 7,
    minVersion: 1,
    queued: 40,
    processing: 10,
    published: 45,
    failed: 5,
    canceled: 0,
    deleted: 0,
    createdAt: NOW - 60_000,
    updatedAt: NOW,
    latestSampleAt: NOW - 5000,
    latestSampleDone: 45,
    olderSampleAt: NOW - 20_000,
    olderSampleDone: 10,
    next: 60,
  };
  const text = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
  return { ...parseBatchState(`bat_${'0'.repeat(32)}`, text), ...changes };
}

const closedAt = (at: number) => ({ finishedAt: at, announcedAt: at });

test('reports the rate since the older sample, and the remaining time', () => {
  expect(toBatch(stateOf())).toMatchObject({ progress: 0.5, itemsPerSecond: 2, etaSeconds: 25 });
});

test('reports no rate in the first second, and no remaining time at rate zero', () => {
  const young = stateOf({ olderSampleAt: NOW - 500, olderSampleDone: 0 });
  expect(toBatch(young)).toMatchObject({ itemsPerSecond: null, etaSeconds: null });
  const stuck = stateOf({ olderSampleDone: 50 });
  expect(toBatch(stuck)).toMatchObject({ itemsPerSecond: 0, etaSeconds: null });
});

test('reports the overall rate of a finished batch', () => {
  const finished = stateOf({ queued: 0, processing: 0, published: 95, ...closedAt(NOW - 10_000) });
  expect(toBatch(finished)).toMatchObject({
    status: 'finished',
    progress: 1,
    itemsPerSecond: 2,
    etaSeconds: 0,
    finishedAt: new Date(NOW - 10_000).toISOString(),
  });
});

test('is canceled once no item is in progress', () => {
  const canceling = stateOf({ cancelRequestedAt: NOW });
  expect(toBatch(canceling).status).toBe('running');
  const canceled = stateOf({ cancelRequestedAt: NOW, queued: 0, processing: 0, canceled: 50 });
  expect(toBatch({ ...canceled, ...closedAt(NOW) }).status).toBe('canceled');
  expect(toBatch(canceled).status).toBe('running');
});

test('is settled when its end is closed, and its items are deleted if that was requested', () => {
  const unclosed = { queued: 0, processing: 0, published: 95 };
  const done = { ...unclosed, ...closedAt(NOW) };
  expect(isBatchSettled(stateOf())).toBe(false);
  expect(isBatchSettled(stateOf(unclosed))).toBe(false);
  expect(isBatchSettled(stateOf(done))).toBe(true);
  expect(isBatchSettled(stateOf({ ...done, deleteRequestedAt: NOW }))).toBe(false);
  const gone = { published: 0, failed: 0, deleted: 100 };
  expect(isBatchSettled(stateOf({ ...done, ...gone, deleteRequestedAt: NOW }))).toBe(true);
});
