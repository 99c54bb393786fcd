import {
  countImages,
  type Metrics,
  measureOssCalls,
  openMetrics as openText,
} from '@pixdock/shared/runtime/metrics';
import { isRefused } from '@pixdock/shared/state/cdn-day';
import type { ServiceState } from '@pixdock/shared/state/service/service-state';
import { Counter, Gauge, Registry } from '@prometheus-io/client';
import type { StagingUsage } from './limits/disk-quota.js';

/** The state that the gauges show. */
export interface Observed {
  isReady: boolean;
  /** Null while Redis is unavailable. */
  service: ServiceState | null;
  staging: StagingUsage;
}

const OF_ALL = 'The same from every API process';

/** The counters of the API. */
export function openCounters() {
  const registry = new Registry();
  const registers = [registry];
  const image = countImages(registry);
  const auditLost = new Counter({
    name: 'pixdock_audit_lost_total',
    help: 'Lines missing in the audit trail: not written, or refused attempts above 60 per key and minute',
    labelNames: ['reason'],
    registers,
  });
  // A series that begins above 0 has no increase.
  image('failed', 'invalid_row', 'item', 0);
  for (const reason of ['fault', 'limit']) auditLost.inc({ reason }, 0);
  return {
    registry,
    image,
    ossCall: measureOssCalls(registry),
    accepted: new Counter({
      name: 'pixdock_accepted_images_total',
      help: 'Submitted images by kind: single, or item of a batch with its invalid rows',
      labelNames: ['kind'],
      registers,
    }),
    auditLost,
    responses: new Counter({
      name: 'pixdock_responses_total',
      help: 'HTTP responses by status and error code (empty unless refused)',
      labelNames: ['status', 'code'],
      registers,
    }),
  };
}

export type ApiCounters = ReturnType<typeof openCounters>;

/** The metrics of the API: its counters, and gauges that `observe` fills. */
export function openMetrics({ registry }: ApiCounters, observe: () => Promise<Observed>): Metrics {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const ready = gauge('pixdock_ready', '1 if /readyz responds 200', []);
  const redisUp = gauge('pixdock_redis_up', '1 if Redis responds to this process', []);
  const jobs = gauge('pixdock_queue_jobs', `Jobs by queue and state (waiting, active, delayed). ${OF_ALL}`, [
    'queue',
    'state',
  ]);
  const oldest = gauge(
    'pixdock_queue_oldest_seconds',
    `Age of the oldest waiting job by queue, 0 without one. ${OF_ALL}`,
    ['queue'],
  );
  const workers = gauge('pixdock_workers', `Workers that reported to Redis in the last 30 s. ${OF_ALL}`, []);
  const openBatches = gauge('pixdock_open_batches', `Batches that are not finished. ${OF_ALL}`, []);
  const held = gauge('pixdock_held_images', `Images held for a decision by a person. ${OF_ALL}`, []);
  const oldestHeld = gauge(
    'pixdock_held_oldest_seconds',
    `Time for which the longest held image has waited, 0 without one. ${OF_ALL}`,
    [],
  );
  const cdnWaiting = gauge(
    'pixdock_cdn_waiting_images',
    `Deleted images whose URLs wait for a CDN refresh. ${OF_ALL}`,
    [],
  );
  const cdnRefused = gauge(
    'pixdock_cdn_refused',
    `1 while the CDN refuses to refresh, except for its daily quota. ${OF_ALL}`,
    [],
  );
  const degraded = gauge('pixdock_storage_degraded', `1 while OSS has a fault. ${OF_ALL}`, []);
  const paused = gauge('pixdock_paused', `1 while processing is paused. ${OF_ALL}`, []);
  const staged = gauge(
    'pixdock_staging_bytes',
    'Bytes in staging by use. Nearly the same from every API process',
    ['use'],
  );
  const limit = gauge('pixdock_staging_limit_bytes', `STAGING_MAX_BYTES. ${OF_ALL}`, []);

  return openText(registry, async () => {
    const { isReady, service, staging } = await observe();
    ready.set(isReady ? 1 : 0);
    redisUp.set(service === null ? 0 : 1);
    limit.set(staging.limit);
    for (const [use, bytes] of Object.entries(staging.byUse)) staged.set({ use }, bytes);
    // Old values would hide that Redis is away.
    for (const labelled of [jobs, oldest]) labelled.reset();
    for (const single of [workers, openBatches, held, oldestHeld, cdnWaiting, cdnRefused, degraded, paused])
      single.remove();
    if (service === null) return;
    for (const { queue, oldestMs, ...states } of service.queues) {
      oldest.set({ queue }, oldestMs / 1000);
      for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
    }
    workers.set(service.workers);
    openBatches.set(service.openBatches);
    held.set(service.held.count);
    oldestHeld.set(service.held.oldestMs / 1000);
    cdnWaiting.set(service.cdn.waiting);
    cdnRefused.set(isRefused(service.cdn) ? 1 : 0);
    paused.set(service.pausedSince === null ? 0 : 1);
    degraded.set(service.storageTrouble === null ? 0 : 1);
  });
}
