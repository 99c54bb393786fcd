import { expect, it } from 'vitest';
import { type Observed, openCounters, openMetrics } from './metrics.js';

const STAGING: Observed['staging'] = {
  limit: 1000,
  byUse: { reserved: 1, uploads: 2, images: 3, batches: 4, outcomes: 5, endpoints: 6 },
};
const QUEUE = { queue: 'images', waiting: 7, active: 2, delayed: 1, oldestMs: 1500 } as const;
const SERVICE = {
  queues: [QUEUE],
  processing: 'ok' as const,
  workers: 2,
  openBatches: 3,
  held: { count: 2, oldestMs: 60_000 },
  storageTrouble: null,
  cdn: { sent: 9, isExhausted: false, refusal: 'Forbidden.RAM', waiting: 3 },
  pausedSince: null,
};
const UP: Observed = { isReady: true, service: SERVICE, staging: STAGING };

it('shows what it observes, and nothing old once Redis is away', async () => {
  let observed = UP;
  const metrics = openMetrics(openCounters(), async () => observed);
  const lines = async () => (await metrics.text()).split('\n');
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'pixdock_ready 1',
      'pixdock_queue_jobs{queue="images",state="waiting"} 7',
      'pixdock_queue_oldest_seconds{queue="images"} 1.5',
      'pixdock_workers 2',
      'pixdock_storage_degraded 0',
      'pixdock_paused 0',
      'pixdock_cdn_waiting_images 3',
      'pixdock_cdn_refused 1',
      'pixdock_staging_bytes{use="batches"} 4',
      'pixdock_staging_bytes{use="endpoints"} 6',
    ]),
  );
  observed = { ...UP, service: { ...SERVICE, pausedSince: '2026-01-31T08:00:00.000Z' } };
  expect(await lines()).toContain('pixdock_paused 1');
  observed = { isReady: false, service: null, staging: STAGING };
  const away = await lines();
  expect(away).toEqual(expect.arrayContaining(['pixdock_ready 0', 'pixdock_redis_up 0']));
  expect(
    away.filter((line) => /^pixdock_(queue|workers|open_batches|storage|paused|cdn)/.test(line)),
  ).toEqual([]);
});

it('shows the lag of the event loop, and not its utilization', async () => {
  const text = await openMetrics(openCounters(), async () => UP).text();
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds ');
  expect(text).not.toContain('nodejs_eventloop_utilization');
});

it('says which gauges are the same from every API process', async () => {
  const text = await openMetrics(openCounters(), async () => UP).text();
  for (const name of [
    'queue_jobs',
    'queue_oldest_seconds',
    'workers',
    'open_batches',
    'storage_degraded',
    'paused',
  ])
    expect(text).toMatch(new RegExp(`# HELP pixdock_${name} .*The same from every API process`));
});
