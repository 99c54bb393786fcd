import { readdir } from 'node:fs/promises';
import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import { testBatch } from '@pixdock/shared/testing/batch';
import { expect, it, vi } from 'vitest';
import type { ReceivedBatch } from '../batch-formats/receive-items.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { batchInRequest, tryBatch } from './batch.js';
import { submit } from './submit.js';
import { watchSubmission } from './testing/watch-submission.js';

const ROWS = {
  headers: { 'Content-Type': 'application/x-ndjson' },
  body: '{"url":"https://a.example/1.jpg"}\n{"url":"none"}\n',
};

const submitBatch = async (c: ApiContext, deps: ApiDeps) => submit(c, deps, batchInRequest(c, deps));

it('stages a batch before it creates its state, and the state before the job', async () => {
  const { send, steps, staging } = await watchSubmission();
  const { created } = await send(submitBatch, ROWS);
  expect(steps).toEqual([
    'claim key',
    'admit',
    'ask Redis',
    'reserve space',
    'receive',
    'count item',
    'count item',
    'wait for the disk',
    'stage',
    'confirm key',
    'create record',
    'keep files',
    'keep space',
    'keep admission',
    'enqueue',
    'end arrival',
    'end reservation',
    'end admission',
  ]);
  if (created?.outcome !== 'created') throw new Error('nothing was created');
  expect(created.state).toMatchObject({ total: 2, failed: 1, version: 1 });
  const manifest = await staging.batches.open(created.state.id);
  expect(manifest?.entry.idempotency?.fingerprint).toMatch(/^[\w-]{43}$/);
  expect((await manifest?.item(0))?.origin).toEqual({ kind: 'url', url: 'https://a.example/1.jpg' });
});

it.each(['count item', 'wait for the disk', 'stage', 'confirm key', 'create record'])(
  'keeps nothing when it fails to %s',
  async (failAt) => {
    const { send, steps, staging } = await watchSubmission({ failAt });
    expect((await send(submitBatch, ROWS)).status).toBe(503);
    expect(steps.filter((step) => step.startsWith('keep') || step === 'enqueue')).toEqual([]);
    expect(steps.slice(-3)).toEqual(['end reservation', 'end admission', 'release key']);
    expect(await readdir(staging.layout.incoming)).toEqual([]);
    const shards = await readdir(staging.layout.batches);
    const folders = await Promise.all(shards.map((shard) => readdir(`${staging.layout.batches}/${shard}`)));
    expect(folders.flat()).toEqual([]);
  },
);

it('removes the files of a refused batch, then the state that Redis may have stored', async () => {
  vi.useFakeTimers({ now: 1000, toFake: ['Date'] });
  const found = newBatchState(testBatch({ createdAt: new Date(1000).toISOString() }), 1);
  const { send, steps } = await watchSubmission({ failAt: 'create record', foundBatch: found });
  await send(submitBatch, ROWS).finally(() => vi.useRealTimers());
  await vi.waitFor(() => expect(steps).toContain('forget record'));
  expect(steps.indexOf('end arrival')).toBeLessThan(steps.indexOf('forget record'));
});

it('keeps the state that another request with the same key created', async () => {
  const found = newBatchState(testBatch({ createdAt: '2026-01-01T00:00:00.000Z' }), 1);
  const { send, steps } = await watchSubmission({ failAt: 'create record', foundBatch: found });
  await send(submitBatch, ROWS);
  await vi.waitFor(() => expect(steps).toContain('read record'));
  expect(steps).not.toContain('forget record');
});

it('returns the batch for a repeat, and enqueues it if a crash prevented that', async () => {
  const first = await watchSubmission();
  const { created } = await first.send(submitBatch, ROWS);
  if (created?.outcome !== 'created') throw new Error('nothing was created');
  const { state } = created;
  const fingerprint = (await first.staging.batches.open(state.id))?.entry.idempotency?.fingerprint ?? '';
  const key = { state: 'done' as const, resourceId: state.id, fingerprint, response: null };
  const repeat = await watchSubmission({ key, foundBatch: state });
  const { created: repeated } = await repeat.send(submitBatch, ROWS);
  expect(repeated).toMatchObject({ outcome: 'repeated', state: { id: state.id } });
  expect(repeat.steps.at(-1)).toBe('enqueue');
  expect(repeat.steps).not.toContain('stage');
  const other = await watchSubmission({ key, foundBatch: state });
  expect((await other.send(submitBatch, { ...ROWS, body: '{"url":"https://a.example/2.jpg"}' })).status).toBe(
    422,
  );
});

it('stages and counts nothing in a dry run', async () => {
  const { send, steps, staging } = await watchSubmission();
  let received: ReceivedBatch | null = null;
  await send(async (c, deps) => {
    received = await tryBatch(c, deps);
    return { outcome: 'expired', id: '', response: { status: 200, body: '' } };
  }, ROWS);
  expect(received).toMatchObject({ facts: { total: 2, invalid: 1 } });
  expect(steps).toEqual(['ask Redis', 'reserve space', 'receive', 'end arrival', 'end reservation']);
  expect(await readdir(staging.layout.incoming)).toEqual([]);
});
