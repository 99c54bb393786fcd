import { createLog } from '@pixdock/shared/runtime/log';
import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import { storedError } from '@pixdock/shared/state/images/stored-error';
import { testBatch } from '@pixdock/shared/testing/batch';
import { testRecord } from '@pixdock/shared/testing/record';
import { expect, it } from 'vitest';
import { openEvents, stageSeconds } from './events.js';
import { openCounters } from './metrics.js';

function open() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('test', { destination: { write: (line) => void lines.push(JSON.parse(line)) } });
  const counters = openCounters();
  const inRedis: (string | null)[][] = [];
  const add = async (...outcome: (string | null)[]) => void inRedis.push(outcome);
  const text = async () => (await counters.registry.metrics()).split('\n');
  return { lines, inRedis, text, counters, events: openEvents(log, counters, { add }) };
}

it('reports a failed image once, with its code', async () => {
  const { events, lines, text, inRedis } = open();
  const record = testRecord({ status: 'failed', error: storedError('image_corrupt') });
  events.imageFinished(record);
  expect(lines).toMatchObject([
    {
      level: 30,
      msg: 'image finished',
      id: record.id,
      owner: 'acme',
      status: 'failed',
      code: 'image_corrupt',
    },
  ]);
  expect(lines[0]).toMatchObject({
    batchId: null,
    stageMs: { received: expect.any(Number) },
    sourceBytes: 3,
  });
  expect(await text()).toContain(
    'pixdock_images_total{outcome="failed",code="image_corrupt",kind="single"} 1',
  );
  expect(inRedis).toEqual([['failed', 'image_corrupt']]);
});

it('logs no name and no text of a caller', () => {
  const { events, lines } = open();
  events.imageFinished(testRecord({ status: 'published', externalId: 'sku-1', metadata: { a: 'secret' } }));
  expect(JSON.stringify(lines)).not.toMatch(/sku-1|secret|photo\.jpg/);
});

it('does not count the time of a canceled image in the stages', async () => {
  const { events, text } = open();
  events.imageFinished(testRecord({ status: 'canceled', batchId: `bat_${'5f'.repeat(16)}` }));
  expect(await text()).toContain('pixdock_images_total{outcome="canceled",code="canceled",kind="item"} 1');
  expect(await text()).toContain('pixdock_image_stage_seconds_count{stage="received",kind="item"} 0');
});

it('reports a batch with its counts', async () => {
  const { events, lines, text } = open();
  const entry = testBatch({ total: 3, invalid: 3 });
  events.batchFinished({ ...newBatchState(entry, 1), finishedAt: 1, announcedAt: 1 });
  expect(lines).toMatchObject([
    {
      msg: 'batch finished',
      id: entry.id,
      owner: entry.owner,
      status: 'finished',
      total: 3,
      counts: { failed: 3 },
    },
  ]);
  events.batchFinished({ ...newBatchState(entry, 1), buriedAt: Date.now() });
  expect(lines[1]).toMatchObject({ msg: 'batch finished', status: 'deleted' });
  expect(await text()).toEqual(
    expect.arrayContaining([
      'pixdock_batches_total{status="finished"} 1',
      'pixdock_batches_total{status="deleted"} 1',
    ]),
  );
});

it('begins every series at 0, so that the first failure is an increase', async () => {
  const lines = await open().text();
  for (const series of [
    'pixdock_images_total{outcome="failed",code="storage_denied",kind="single"}',
    'pixdock_decoder_restarts_total{reason="memory"}',
    'pixdock_batches_total{status="finished"}',
  ])
    expect(lines).toContain(`${series} 0`);
});

it('never throws', () => {
  const { counters, lines } = open();
  const events = openEvents(createLog('test', { level: 'silent' }), counters, {
    add: () => Promise.reject(new Error('Redis is away')),
  });
  expect(() => events.imageFinished(testRecord({ status: 'published' }))).not.toThrow();
  expect(lines).toEqual([]);
});

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000).toISOString();

it('adds up the time in each stage of the last run', () => {
  const record = {
    ...testRecord({ status: 'published' }),
    timeline: [
      { stage: 'received', at: at(0) },
      { stage: 'validating', at: at(5) },
      // The first run failed, and the image was retried.
      { stage: 'received', at: at(100) },
      { stage: 'validating', at: at(102) },
      { stage: 'normalizing', at: at(103) },
      { stage: 'uploading', at: at(104) },
      // OSS was away.
      { stage: 'uploading', at: at(164) },
      { stage: 'verifying', at: at(165) },
      { stage: 'published', at: at(165.5) },
    ] as const,
    finishedAt: at(165.5),
  };
  expect(stageSeconds({ ...record, timeline: [...record.timeline] })).toEqual({
    received: 2,
    validating: 1,
    normalizing: 1,
    uploading: 61,
    verifying: 0.5,
  });
});

it('counts the last stage of a failed image up to its end', () => {
  const timeline = [
    { stage: 'received' as const, at: at(0) },
    { stage: 'validating' as const, at: at(1) },
  ];
  expect(stageSeconds({ timeline, finishedAt: at(3) })).toEqual({ received: 1, validating: 2 });
});
