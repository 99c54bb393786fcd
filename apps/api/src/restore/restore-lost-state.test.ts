import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobQueue } from '@pixdock/shared/queue/queue';
import { GROUP } from '@pixdock/shared/runtime/in-groups';
import { createLog } from '@pixdock/shared/runtime/log';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { openBatches } from '@pixdock/shared/state/batches/batches';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import { openIdempotency } from '@pixdock/shared/state/idempotency/idempotency';
import { openImages } from '@pixdock/shared/state/images/images';
import { openRecords } from '@pixdock/shared/state/images/records';
import { leasesOf } from '@pixdock/shared/state/service/leases';
import type { Staging } from '@pixdock/shared/state/staging';
import { endRestore } from '@pixdock/shared/testing/end-restore';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { restoreLostState } from './restore-lost-state.js';
import { openRestoreRounds } from './restore-rounds.js';

const SWEEP_MS = 60_000;
const LONG = { timeout: 15_000 };
/** More than three groups. The fault is in the second, so that the first and second are read before the restore begins again. */
const IMAGES = 3 * GROUP + 1;
const FAILS_AT = GROUP + 10;

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(() => redis.connection.flushall());
afterAll(() => redis.stop());

test('reads no restored image again when a command of Redis times out in the middle', async () => {
  const { read, missing } = await restoreWithFault(async () => {});
  expect(missing).toEqual([]);
  expect(read).toHaveLength(IMAGES + 1);
});

test('begins with the first image when Redis was emptied before the restore continues', async () => {
  const { read, missing } = await restoreWithFault(() => redis.connection.flushall());
  expect(missing).toEqual([]);
  const [first] = read;
  // In the group that follows those two.
  expect(read.indexOf(first ?? '', 1)).toBeLessThan(3 * GROUP);
});

/** Restores final images into an empty Redis; reading one of them fails once, after `fault`. */
async function restoreWithFault(fault: () => Promise<unknown>) {
  const { servers, final, records } = await openServers(1, async ({ read }) => {
    if (read.length !== FAILS_AT) return;
    await fault();
    throw new Error('Command timed out');
  });
  for (const server of servers) server.start();
  await expect.poll(() => records.epoch.isRestored(), LONG).toBe(true);
  for (const server of servers) await server.stop();
  const found = await Promise.all(final.map((id) => records.get(id)));
  return {
    read: servers.flatMap((server) => server.read),
    missing: final.filter((_, place) => found[place] === null),
  };
}

test('restores an empty Redis once for servers that start together', async () => {
  const { servers, final, untilServed } = await openServers(3);
  for (const server of servers) server.start();
  await untilServed();
  expect(servers.flatMap(({ read }) => read)).toHaveLength(final.length);
});

test('continues a restore in the other servers when the restoring server dies', async () => {
  const { servers, final, records, untilServed } = await openServers(3, async (server) => {
    if (server === servers[0] && server.read.length === FAILS_AT) server.connection.disconnect();
  });
  const [first, ...others] = servers;
  first?.start();
  await expect.poll(() => first?.read.length, LONG).toBeGreaterThanOrEqual(FAILS_AT);
  for (const server of others) server.start();
  await untilServed();
  const found = await Promise.all(final.map((id) => records.get(id)));
  expect(found).not.toContain(null);
  // Only the part that the dead server had is restored again.
  const reads = servers.flatMap(({ read }) => read);
  expect(reads.length).toBeLessThan(1.5 * final.length);
});

test('restores the outcomes in all servers together', async () => {
  const { servers, final, untilServed } = await openServers(3, () => sleep(200));
  for (const server of servers) server.start();
  await untilServed();
  expect(servers.flatMap(({ read }) => read)).toHaveLength(final.length);
  for (const { read } of servers) expect(read.length).toBeGreaterThan(0);
});

test('compares final images once for servers that start together', async () => {
  const { servers, final, records, untilServed } = await openServers(3);
  await endRestore(records.epoch);
  for (const server of servers) server.start();
  await untilServed(3);
  expect(servers.flatMap(({ read }) => read)).toHaveLength(final.length);
});

test('compares final images again after the start of another server', async () => {
  const { servers, final, records, untilServed } = await openServers(2);
  await endRestore(records.epoch);
  for (const [i, server] of servers.entries()) {
    server.start();
    await untilServed(i + 1);
  }
  expect(servers.flatMap(({ read }) => read)).toHaveLength(2 * final.length);
});

test('compares all final images in another server when the first one dies', async () => {
  const { servers, final, records, untilServed } = await openServers(2, async (server) => {
    if (server === servers[0] && server.read.length === FAILS_AT) server.connection.disconnect();
  });
  const [first, second] = servers;
  await endRestore(records.epoch);
  first?.start();
  await expect.poll(() => first?.read.length, LONG).toBe(FAILS_AT);
  second?.start();
  const leases = leasesOf(redis.settings.prefix, 'comparisons', 'final');
  const [lease = ''] = await redis.connection.zrange(leases, '0', '-1');
  await redis.connection.zadd(leases, 'XX', 1, lease);
  await untilServed(2);
  expect(second?.read).toHaveLength(final.length);
});

interface Server {
  connection: RedisConnection;
  /** The images whose records it has read. */
  read: string[];
  start(): void;
  stop(): Promise<void>;
}

/** Servers over one staging with final images. `onRead` may fail the read of a record. */
async function openServers(count: number, onRead: (server: Server) => Promise<void> = async () => {}) {
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-restore-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const staging = await openStaging(dir);
  const images = Array.from({ length: IMAGES }, () => testRecord({ status: 'published', url: 'http://a/b' }));
  await Promise.all(images.map((record) => staging.writeOutcome(record)));
  const records = openRecords(redis.connection, redis.settings.prefix);
  const rounds = openRestoreRounds(redis.connection, records.epoch);
  return {
    servers: Array.from({ length: count }, () => openServer(staging, onRead)),
    final: images.map(({ id }) => id),
    records,
    /** Waits until everything is restored and compared for all that have started. */
    untilServed: async (starts?: number): Promise<void> => {
      const expected = {
        isDue: { restore: false, comparison: false },
        ...(starts === undefined ? {} : { starts }),
      };
      await expect.poll(() => records.epoch.isRestored(), LONG).toBe(true);
      await expect.poll(() => rounds.read(), LONG).toMatchObject(expected);
    },
  };
}

function openServer(staging: Staging, onRead: (server: Server) => Promise<void>): Server {
  const { settings } = redis;
  const { prefix } = settings;
  const connection = connectRedis(settings, 'patient');
  const records = openRecords(connection, prefix);
  const get = async (id: string) => {
    server.read.push(id);
    await onRead(server);
    return records.get(id);
  };
  const queue: Partial<JobQueue> = { setPaused: async () => {}, scheduleSweep: async () => {} };
  const batches = openBatches(openBatchStates(connection, prefix), staging);
  const parts = {
    redis: connection,
    prefix,
    staging,
    epoch: records.epoch,
    images: openImages({ records: { ...records, get }, batches, staging }),
    batches,
    queue: queue as JobQueue,
    idempotency: openIdempotency(connection, prefix),
    endpoints: { restore: async () => {} },
    log: createLog('test', { level: 'silent' }),
  };
  const stopping = new AbortController();
  let restoring = Promise.resolve();
  const server: Server = {
    connection,
    read: [],
    start() {
      restoring = restoreLostState(parts, SWEEP_MS, stopping.signal);
    },
    async stop() {
      stopping.abort();
      await restoring;
      connection.disconnect();
    },
  };
  onTestFinished(() => server.stop());
  return server;
}
