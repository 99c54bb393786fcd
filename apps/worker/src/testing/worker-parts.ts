import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMAGE_FORMATS } from '@pixdock/contract/media-type';
import { builtInProfiles } from '@pixdock/contract/profile';
import type { JobContext } from '@pixdock/shared/queue/jobs';
import { createLog, type Logger } from '@pixdock/shared/runtime/log';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import { openChanges, TAKEN_IMAGES } from '@pixdock/shared/state/changes';
import { openEpoch } from '@pixdock/shared/state/epoch';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords } from '@pixdock/shared/state/images/records';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { openLeases } from '@pixdock/shared/state/service/leases';
import { openOutcomeCounts } from '@pixdock/shared/state/service/outcome-counts';
import { openStorageHealth } from '@pixdock/shared/state/service/storage-health';
import { openDeliveries } from '@pixdock/shared/state/webhooks/deliveries';
import { testMetadataKeys } from '@pixdock/shared/testing/metadata-keys';
import type { TestRedis } from '@pixdock/shared/testing/redis';
import { openTestStaging } from '@pixdock/shared/testing/staging';
import { onTestFinished } from 'vitest';
import { openCircuitBreaker } from '../admission/circuit-breaker.js';
import { openDiskQuota } from '../admission/disk-quota.js';
import { openHostSlots } from '../admission/host-slots.js';
import { openPutBudget } from '../admission/put-budget.js';
import { openQuarantine } from '../admission/quarantine.js';
import { openLossWatch } from '../attempt/loss-watch.js';
import { openEvents } from '../events.js';
import type { SourceClient } from '../fetch/types.js';
import type { ImageEngine } from '../image/types.js';
import { openCounters } from '../metrics.js';
import { openQueueDouble } from './queue-double.js';
import { renderedVariants } from './rendered.js';
import { openStoreDouble } from './store-double.js';

export const HOUR_MS = 3600_000;

/** A job that is neither stopped nor at its last attempt. */
export const CONTEXT: JobContext = {
  signal: new AbortController().signal,
  lastTry: false,
  timesTaken: 1,
  freeSlot: () => {},
};

/** The first bytes of a JPEG; enough for a source that no test decodes. */
export const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(60, 7)]);

type LogLine = { msg: string } & Record<string, unknown>;

/**
 * The parts of a worker for one test: real records and batches in Redis, real staging in a temporary folder, and doubles
 * of the queue, OSS, the decoder and the source's host.
 */
export async function openWorkerParts({ connection, settings }: TestRedis) {
  const { prefix } = settings;
  const subscriber = connectRedis(settings, 'patient', () => {});
  onTestFinished(() => subscriber.disconnect());
  const changes = openChanges(subscriber, prefix);
  // Redis confirms the subscription of `changes` first.
  await subscriber.subscribe(recordKeys(prefix).changes(TAKEN_IMAGES));
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-worker-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const staging = await openTestStaging(dataDir);
  // Without the layout, Redis belongs to no staging: the tests of a file share a Redis, and each has its own staging.
  const epoch = openEpoch(connection, prefix);
  const records = openRecords(connection, prefix, epoch);
  const batches = openBatches(openBatchStates(connection, prefix, epoch), staging);
  const lines: LogLine[] = [];
  const log: Logger = createLog('test', {
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const counters = openCounters();
  const events = openEvents(log, counters, openOutcomeCounts(connection, prefix));
  const config = {
    retentionMs: HOUR_MS,
    storageGiveUpMs: HOUR_MS,
    stagingMaxBytes: 2 ** 30,
    maxUploadBytes: 2 ** 20,
    acceptFormats: IMAGE_FORMATS,
    lanes: 1,
    profiles: builtInProfiles(),
    metadataKeys: testMetadataKeys(),
    labels: { isKept: true, propagator: null },
    store: { prefix: '', prefixes: [''] },
    review: { http: null, giveUpMs: HOUR_MS },
  };
  const engine: ImageEngine = {
    async render({ profile, onNormalizing }) {
      onNormalizing?.();
      return { outcome: 'rendered', ...renderedVariants(['main', 'thumb'], profile) };
    },
    async stop() {},
  };
  const sources: SourceClient = {
    async fetch(_request, write) {
      await write(JPEG);
      return { outcome: 'fetched', declaredType: 'image/jpeg', filename: 'photo.jpg', validator: null };
    },
    async stop() {},
  };
  const leases = openLeases(connection, prefix, HOUR_MS);
  onTestFinished(() => leases.stop());
  const diskQuota = await openDiskQuota({ redis: connection, prefix }, staging, config, events);
  onTestFinished(() => diskQuota.stop());
  return {
    dataDir,
    staging,
    config,
    lines,
    log,
    counters,
    events,
    engine,
    sources,
    epoch,
    /** The records in Redis, without what staging knows. */
    records,
    images: openImages({ records, batches, staging }),
    batches,
    idempotency: openIdempotency(connection, prefix),
    deliveries: openDeliveries(connection, prefix),
    breaker: openCircuitBreaker(openStorageHealth(connection, prefix), events),
    privateBreaker: openCircuitBreaker(openStorageHealth(connection, prefix), events),
    diskQuota,
    hostSlots: openHostSlots(leases, 'fetches', 8),
    leases,
    quarantine: openQuarantine(),
    putBudget: openPutBudget(config.lanes),
    lossWatch: openLossWatch(changes),
    reviewer: null,
    heldJobs: new Set<string>(),
    queue: openQueueDouble(),
    store: openStoreDouble(),
    purges: null,
    cdn: null,
  };
}

export type WorkerParts = Awaited<ReturnType<typeof openWorkerParts>>;
