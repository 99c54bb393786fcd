import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openObjectStore } from '@pixdock/object-store/open';
import { sleep } from '@pixdock/shared/clock';
import type { Logger } from '@pixdock/shared/log';
import { openQueue } from '@pixdock/shared/queue';
import { openBatches } from '@pixdock/shared/records/batches';
import { openIdempotency } from '@pixdock/shared/records/idempotency';
import { openRecords } from '@pixdock/shared/records/records';
import { openStorageHealth } from '@pixdock/shared/records/storage-health';
import { connectRedis } from '@pixdock/shared/redis';
import { checkRedis } from '@pixdock/shared/redis-check';
import { restore, watchEpoch } from '@pixdock/shared/restore';
import { openBudget } from '@pixdock/shared/staging/budget';
import { openStaging } from '@pixdock/shared/staging/staging';
import { createApp } from './app.js';
import { followBacklog } from './backlog.js';
import { followChanges } from './changes.js';
import type { ApiConfig } from './config.js';
import { createHttpServer } from './http/server.js';
import { openHealingQueue } from './queue.js';
import { restoreWhenNew } from './restore-loop.js';

// Below the 30 s that platforms commonly wait before they kill.
const DRAIN_MS = 25_000;
const SWEEP_EVERY_MS = 60_000;
/** Where connections come without end it must stop all the same. */
const MOST_TURNS = 100;

export interface RunningApi {
  url: string;
  /** Accepts nothing new, lets requests in hand finish, then closes everything. */
  stop(): Promise<void>;
}

/** Opens the real parts and listens. */
export async function startApi(config: ApiConfig, log: Logger): Promise<RunningApi> {
  const stopping = new AbortController();
  const { prefix } = config.redis;
  const tell = (error: Error) => log.warn({ err: error }, 'Redis cannot be reached');
  const redis = connectRedis(config.redis, 'prompt', tell);
  await checkRedis(redis, log);
  const subscriber = connectRedis(config.redis, 'patient', () => {});
  const staging = await openStaging(config.dataDir);
  const records = openRecords(redis, prefix);
  const batches = openBatches(redis, prefix);
  const queue = openHealingQueue(() => openQueue(redis, prefix, () => {}));
  const idempotency = openIdempotency(redis, prefix);
  const changes = followChanges(subscriber, prefix);
  const store = openObjectStore(config.store);
  const budget = openBudget(staging.layout, config.stagingMaxBytes);
  await budget.refresh();
  const app = createApp({
    config,
    log,
    staging,
    records,
    batches,
    queue,
    backlog: followBacklog(queue, records),
    idempotency,
    changes,
    store,
    budget,
    storageHealth: openStorageHealth(redis, prefix),
    stopping: stopping.signal,
  });
  const server = createHttpServer(app.fetch);
  const url = await listen(server, config);
  const restoring = restoreWhenNew(
    watchEpoch(redis, prefix),
    async () => {
      // The schedule is Redis' too, and lost with it.
      await queue.scheduleSweep(SWEEP_EVERY_MS);
      return restore({ staging, records, batches, queue, idempotency, log }, 'all');
    },
    log,
    stopping.signal,
  );

  return {
    url,
    async stop() {
      stopping.abort();
      changes.stop();
      await acceptWaiting(server);
      await close(server);
      await queue.close();
      redis.disconnect();
      subscriber.disconnect();
      store.stop();
      // It may have much to walk through; without Redis it ends at its next step.
      await restoring;
    },
  };
}

function listen(server: Server, { host, port }: ApiConfig): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(port) : error),
    );
    server.listen(port, host, () => {
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
    });
  });
}

function portTaken(port: number): Error {
  return new Error(`port ${port} is taken: set PORT to another one, or to 0 for any that is free`);
}

/** Clients whose connections wait to be accepted are answered yet: with the listener these would be reset. */
async function acceptWaiting(server: Server): Promise<void> {
  let came = true;
  const note = () => {
    came = true;
  };
  server.on('connection', note);
  for (let turn = 0; came && turn < MOST_TURNS; turn++) {
    came = false;
    // One turn of the loop accepts all that wait at its beginning.
    await new Promise((resolve) => setImmediate(resolve));
  }
  server.off('connection', note);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = new AbortController();
  await Promise.race([closed, sleep(DRAIN_MS, late.signal).then(() => server.closeAllConnections())]);
  late.abort();
  await closed;
}
