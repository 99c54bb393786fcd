import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileSchema } from '@pixdock/contract/profile';
import { openCredentialSource } from '@pixdock/object-store/credential-source';
import { openObjectStore, type StoreNotice } from '@pixdock/object-store/open';
import { stagingOf } from '@pixdock/object-store/staging';
import { openQueue } from '@pixdock/shared/queue/queue';
import { sleep } from '@pixdock/shared/runtime/clock';
import { HEIC_SAMPLE, HeicDecoderFault } from '@pixdock/shared/runtime/heic-decoder';
import type { Logger } from '@pixdock/shared/runtime/log';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { checkRedis } from '@pixdock/shared/runtime/redis-check';
import { serveMetrics } from '@pixdock/shared/runtime/serve-metrics';
import type { TestClocks } from '@pixdock/shared/runtime/test-clocks';
import { openCachePurges } from '@pixdock/shared/state/cache-purges';
import { openCdnDay } from '@pixdock/shared/state/cdn-day';
import { openChanges } from '@pixdock/shared/state/changes';
import { checkStaging } from '@pixdock/shared/state/epoch';
import { openFailureRetries } from '@pixdock/shared/state/failures/failure-retries';
import { openFailures } from '@pixdock/shared/state/failures/failures';
import { makeFolder } from '@pixdock/shared/state/files/folder';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import { openState } from '@pixdock/shared/state/open-state';
import { openLeases } from '@pixdock/shared/state/service/leases';
import { openLiveWorkers } from '@pixdock/shared/state/service/live-workers';
import { openOutcomeCounts } from '@pixdock/shared/state/service/outcome-counts';
import { followRedisClock } from '@pixdock/shared/state/service/redis-clock';
import { openStorageHealth } from '@pixdock/shared/state/service/storage-health';
import { openDeliveries } from '@pixdock/shared/state/webhooks/deliveries';
import { openEndpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { openOutbox } from '@pixdock/shared/state/webhooks/outbox';
import { openRecoveries } from '@pixdock/shared/state/webhooks/recoveries';
import { openCircuitBreaker } from './admission/circuit-breaker.js';
import { openDiskQuota } from './admission/disk-quota.js';
import { openPutBudget, socketsFor } from './admission/put-budget.js';
import { openQuarantine } from './admission/quarantine.js';
import { openLossWatch } from './attempt/loss-watch.js';
import { openCdnRefresher } from './cdn/refresh-caches.js';
import { watchClock } from './clock-watch.js';
import type { WorkerConfig } from './config.js';
import { openEvents } from './events.js';
import { openSourceClient } from './fetch/client.js';
import { openWebhookSender } from './fetch/post.js';
import { createImageEngine } from './image/engine.js';
import type { ImageEngine } from './image/types.js';
import { startJobWorkers } from './job-workers.js';
import { openCounters, openMetrics } from './metrics.js';
import { reportAlive } from './report-alive.js';
import { openStagingWalks } from './retention/staging-walks.js';
import { ANSWER_BYTES, openHttpReviewer, REVIEW_TIMEOUT_MS } from './review/http-reviewer.js';
import { startRelay } from './webhooks/relay.js';

// Together below the 30 s that platforms commonly wait before they kill.
const DRAIN_MS = 20_000;
const RELAY_STOP_MS = 500;
/** The slots of a killed worker at the hosts of sources are free again after this time. */
const LEASE_MS = 20_000;

export interface RunningWorker {
  /** Takes no new job, finishes those in progress or gives them back to the queue, then closes everything. */
  stop(): Promise<void>;
}

/** Opens the real parts and starts to work. */
export async function startWorker(
  config: WorkerConfig,
  log: Logger,
  clocks: TestClocks = {},
): Promise<RunningWorker> {
  const { prefix } = config.redis;
  const connection = connectRedis(config.redis, 'patient');
  await checkRedis(connection, config.redis, log);
  const subscriber = connectRedis(config.redis, 'subscribed');
  const scratchDir = join(config.dataDir, 'scratch');
  await makeFolder(scratchDir);
  const counters = openCounters();
  const events = openEvents(log, counters, openOutcomeCounts(connection, prefix));
  const engine = await createImageEngine({
    limits: config.limits,
    labels: config.labels,
    overlays: config.overlays,
    lanes: config.lanes,
    scratchDir,
    log,
    events,
  });
  if (config.heicDecoder !== null) await decodeSample(engine, config.heicDecoder);
  const putBudget = openPutBudget(config.lanes);
  const store = openObjectStore(config.store, {
    maxSockets: socketsFor(config.lanes),
    onNotice: logNotices(log),
    onCall(call) {
      counters.ossCall(call);
      if (call.operation === 'put') putBudget.recordPut(call.code === 'OK');
    },
  });
  for (const warning of config.store.warnings) log.warn(warning);
  const staging = await stagingOf(config.staging).open(log);
  const { epoch, images, batches } = openState(connection, prefix, staging, () => relay.wake());
  await checkStaging(connection, epoch);
  const endClock = await followRedisClock(connection, prefix, epoch);
  const changes = openChanges(subscriber, prefix);
  const purges = config.cdn === null ? null : openCachePurges(staging.notes);
  const deps = {
    config,
    log,
    events,
    staging,
    images,
    batches,
    queue: openQueue(connection, prefix),
    idempotency: openIdempotency(connection, prefix),
    failures: openFailures(connection, prefix),
    failureRetries: openFailureRetries(connection, prefix),
    store,
    purges,
    cdn:
      config.cdn === null || purges === null
        ? null
        : openCdnRefresher(config.cdn, {
            redis: connection,
            prefix,
            purges,
            day: openCdnDay(connection, prefix),
            credentials: openCredentialSource(config.store.credentials),
            log,
          }),
    engine,
    breaker: openCircuitBreaker(openStorageHealth(connection, prefix), events),
    privateBreaker: openCircuitBreaker(openStorageHealth(connection, prefix), events),
    sources: openSourceClient(config.sources),
    diskQuota: await openDiskQuota({ redis: connection, prefix }, staging, config, events),
    // One for both queues: a suspect endangers single images and items alike.
    quarantine: openQuarantine(),
    putBudget,
    lossWatch: openLossWatch(changes),
    stagingWalks: openStagingWalks(connection, prefix),
    leases: openLeases(connection, prefix, LEASE_MS),
    outbox: openOutbox(connection, prefix, epoch),
    endpoints: openEndpoints(connection, prefix, staging.notes),
    deliveries: openDeliveries(connection, prefix),
    recoveries: openRecoveries(connection, prefix),
    sender: openWebhookSender(config.webhooks),
    reviewer: openReviewer(config),
    heldJobs: new Set<string>(),
  };
  const { host, metricsPort } = config;
  const metricsServer = await serveMetrics(
    openMetrics(counters, deps.breaker),
    { host, port: metricsPort, setting: 'WORKER_METRICS_PORT' },
    log,
  );
  const relay = startRelay(deps);
  const workers = startJobWorkers(deps, { connection, prefix, log, events, clocks });
  const endWatch = watchClock(deps.queue, log);
  const alive = reportAlive(openLiveWorkers(connection, prefix));

  return {
    async stop() {
      endWatch();
      endClock();
      metricsServer.stop();
      const relayed = relay.stop();
      await workers.stop(clocks.drain ?? DRAIN_MS);
      await deps.sources.stop();
      deps.leases.stop();
      deps.diskQuota.stop();
      await engine.stop();
      await alive.stop();
      // Without Redis the relay ends once the connection is closed.
      await Promise.race([relayed, sleep(RELAY_STOP_MS)]);
      await deps.queue.close();
      connection.disconnect();
      subscriber.disconnect();
      store.stop();
    },
  };
}

function openReviewer({ review, webhooks }: WorkerConfig) {
  if (review.http === null) return null;
  const limits = { timeoutMs: REVIEW_TIMEOUT_MS, bodyBytes: ANSWER_BYTES };
  return openHttpReviewer(review.http, openWebhookSender(webhooks, limits));
}

/** Logs notices of the object store: each retry at debug level, all other notices once per kind. */
function logNotices(log: Logger): (notice: StoreNotice) => void {
  const logged = new Set<string>();
  return ({ notice, ...facts }) => {
    if (notice === 'retry') log.debug(facts, 'OSS is tried again');
    else if (!logged.has(notice)) log.warn(facts, `OSS: ${notice}`);
    if (notice !== 'retry') logged.add(notice);
  };
}

/** Decodes a HEIC in a lane, whose user may reach less than that of the worker. @throws HeicDecoderFault */
async function decodeSample(engine: ImageEngine, command: string): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pixdock-heic-'));
  const sourcePath = join(folder.path, 'sample.heic');
  await writeFile(sourcePath, HEIC_SAMPLE);
  const task = {
    sourcePath,
    declaredType: null,
    profile: profileSchema.parse({ variants: { main: { format: 'png' } } }),
    imageId: '',
    owner: '',
    isUrgent: true,
  };
  const outcome = await engine.render(task, new AbortController().signal).catch((error: Error) => {
    throw new HeicDecoderFault('heic-decoder-missing', command, error.message.replace('HEIC_DECODER: ', ''));
  });
  if (outcome.outcome === 'refused') throw new HeicDecoderFault('heic-decoder-fails', command, outcome.code);
}
