import { openObjectStore } from '@pixdock/object-store/open';
import { stagingOf } from '@pixdock/object-store/staging';
import { openQueue } from '@pixdock/shared/queue/queue';
import { fresh } from '@pixdock/shared/runtime/fresh';
import { listen } from '@pixdock/shared/runtime/listen';
import type { Logger } from '@pixdock/shared/runtime/log';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { checkRedis } from '@pixdock/shared/runtime/redis-check';
import { serveMetrics } from '@pixdock/shared/runtime/serve-metrics';
import type { TestClocks } from '@pixdock/shared/runtime/test-clocks';
import { openAudit } from '@pixdock/shared/state/audit';
import { openChanges } from '@pixdock/shared/state/changes';
import { checkStaging } from '@pixdock/shared/state/epoch';
import { openFailureRetries } from '@pixdock/shared/state/failures/failure-retries';
import { openFailures } from '@pixdock/shared/state/failures/failures';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import { openKeyUses } from '@pixdock/shared/state/keys/key-uses';
import { openState } from '@pixdock/shared/state/open-state';
import { openOutcomeCounts } from '@pixdock/shared/state/service/outcome-counts';
import { followRedisClock } from '@pixdock/shared/state/service/redis-clock';
import { openProcessingState, openServiceState } from '@pixdock/shared/state/service/service-state';
import { openStorageHealth } from '@pixdock/shared/state/service/storage-health';
import { findFullRedis } from '@pixdock/shared/state/space';
import { openUploadLocks } from '@pixdock/shared/state/uploads/upload-locks';
import { openDeliveries } from '@pixdock/shared/state/webhooks/deliveries';
import { openEndpoints } from '@pixdock/shared/state/webhooks/endpoints';
import { openRecoveries } from '@pixdock/shared/state/webhooks/recoveries';
import { createApp } from './app.js';
import { followBacklog } from './backlog.js';
import { minimumRateWithin } from './body/minimum-rate.js';
import type { ApiConfig } from './config.js';
import { openEvents } from './events.js';
import { openFairQueue } from './fair-queue.js';
import { openDrain } from './http/drain.js';
import { createHttpServer } from './http/server.js';
import { openKeyring } from './keys/keyring.js';
import { openSignInLinks } from './keys/sign-in-links.js';
import { openTokenUses } from './keys/token-uses.js';
import { openDiskQuota } from './limits/disk-quota.js';
import { openReadLimits } from './limits/read-limits.js';
import { openSharedCounts } from './limits/shared-counts.js';
import { openShares } from './limits/shares.js';
import { openWriteLimits } from './limits/write-limits.js';
import { openCounters, openMetrics } from './metrics.js';
import { openObserver } from './readiness.js';
import { restoreLostState } from './restore/restore-lost-state.js';
import { openEventStreams } from './streams/event-stream.js';
import { openOwnerFeeds } from './streams/owner-feed.js';
import { readStates } from './streams/read-states.js';
import { openSharedReads } from './waits/shared-reads.js';
import { openWaitHub } from './waits/wait-hub.js';

// Below the 30 s that platforms commonly wait before they kill a process.
const DRAIN_MS = 25_000;
const SWEEP_EVERY_MS = 60_000;
/** A batch may change hundreds of times per second; a waiting request reads at most five states per second. */
const BATCH_GAP_MS = 200;

export interface RunningApi {
  url: string;
  /** Accepts no new connections, lets requests in progress finish, then closes everything. */
  stop(): Promise<void>;
}

/** Opens the real parts and listens. */
export async function startApi(
  config: ApiConfig,
  log: Logger,
  clocks: TestClocks = {},
  signInLinks = openSignInLinks(),
): Promise<RunningApi> {
  const stopping = new AbortController();
  const { prefix } = config.redis;
  const redis = connectRedis(config.redis, 'prompt');
  await checkRedis(redis, config.redis, log);
  const subscriber = connectRedis(config.redis, 'subscribed');
  const staging = await stagingOf(config.staging).open(log);
  const { epoch, images, batches } = openState(redis, prefix, staging);
  await checkStaging(redis, epoch);
  const endClock = await followRedisClock(redis, prefix, epoch);
  const queue = openQueue(redis, prefix);
  const idempotency = openIdempotency(redis, prefix);
  const endpoints = openEndpoints(redis, prefix, staging.notes);
  const changes = openChanges(subscriber, prefix);
  const keyring = openKeyring(config.keys, log);
  const hasManyOwners = () => keyring.hasManyOwners();
  const fairQueue = openFairQueue(hasManyOwners);
  const imageReads = openSharedReads(changes, (id) => images.get(id), 0);
  const batchReads = openSharedReads(changes, (id) => batches.inRedis(id), BATCH_GAP_MS);
  const counters = openCounters();
  const store = openObjectStore(config.store, { onCall: counters.ossCall });
  const { limits } = config;
  const shareOf = (owner: string) => (hasManyOwners() ? limits.of(owner).stagingShare : null);
  const diskQuota = openDiskQuota({ redis, prefix }, staging, config.stagingMaxBytes, shareOf);
  const counts = openSharedCounts(redis, prefix);
  const shares = openShares(redis, prefix, limits, counts, hasManyOwners, log);
  await diskQuota.begin();
  const storageHealth = openStorageHealth(redis, prefix);
  const fullness = { diskQuota, findFullRedis: () => findFullRedis(redis) };
  const isRestored = () => epoch.isRestored();
  const observed = { ...fullness, storageHealth, isRestored, stopping: stopping.signal };
  const audit = openAudit(
    config,
    (line) => process.stdout.write(line),
    (error) => events.auditLost(error),
  );
  const events = openEvents(log, counters, audit, {
    staging_full: fresh(() => diskQuota.findFull()),
    queue_unavailable: fresh(fullness.findFullRedis),
  });
  const metrics = openMetrics(counters, openObserver(observed, openServiceState(redis, prefix)));
  const app = createApp({
    config,
    keyring,
    keyUses: openKeyUses(config.dataDir, log),
    signInLinks,
    isRestored,
    tokenUses: openTokenUses(redis, prefix),
    log,
    events,
    metrics,
    staging,
    uploadLocks: openUploadLocks(redis, subscriber, prefix),
    images,
    batches,
    queue,
    backlog: followBacklog(queue, images),
    idempotency,
    failures: openFailures(redis, prefix),
    failureRetries: openFailureRetries(redis, prefix),
    outcomes: openOutcomeCounts(redis, prefix),
    endpoints,
    deliveries: openDeliveries(redis, prefix),
    recoveries: openRecoveries(redis, prefix),
    readLimits: openReadLimits(hasManyOwners, counts),
    writeLimits: openWriteLimits(hasManyOwners),
    waits: {
      images: openWaitHub(imageReads, fairQueue, stopping.signal),
      batches: openWaitHub(batchReads, fairQueue, stopping.signal),
    },
    streams: {
      events: openEventStreams(stopping.signal, { lifeMs: clocks.stream }),
      images: imageReads,
      batches: batchReads,
      owners: openOwnerFeeds(changes, (ids) => readStates({ images, batches }, ids)),
    },
    store,
    diskQuota,
    shares,
    storageHealth,
    findFullRedis: fullness.findFullRedis,
    readProcessing: openProcessingState(redis, prefix),
    stopping: stopping.signal,
    minimumRate: minimumRateWithin(clocks.pace),
  });
  const server = createHttpServer(app.fetch, {
    ownerOf: (authorization) => keyring.find(authorization).caller?.owner,
    enter(owner, kind) {
      if (kind === 'livez' || kind === 'readyz') return fairQueue.enterWithoutOwner(kind);
      return owner === undefined ? fairQueue.enterWithoutOwner('keyless') : fairQueue.enter(owner, kind);
    },
    onConnection: () => fairQueue.noteConnection(),
    language: config.defaultLanguage,
  });
  const drain = openDrain(server);
  // Before the first client, whom it would delay.
  await store.load();
  const { host, port, metricsPort } = config;
  const url = await listen(server, { host, port, setting: 'PORT' });
  const metricsAddress = { host, port: metricsPort, setting: 'METRICS_PORT' };
  const metricsServer = await serveMetrics(metrics, metricsAddress, log);
  const restoring = restoreLostState(
    { redis, prefix, staging, epoch, images, batches, queue, idempotency, endpoints, log },
    clocks.sweep ?? SWEEP_EVERY_MS,
    stopping.signal,
  );

  return {
    url,
    async stop() {
      stopping.abort();
      endClock();
      metricsServer.stop();
      await drain(clocks.drain ?? DRAIN_MS);
      await audit.close();
      keyring.stop();
      shares.stop();
      counts.stop();
      diskQuota.stop();
      await queue.close();
      redis.disconnect();
      subscriber.disconnect();
      store.stop();
      // A restore may take long; after the disconnect it ends at its next step.
      await restoring;
    },
  };
}
