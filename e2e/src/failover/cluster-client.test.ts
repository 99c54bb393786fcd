/*
 * The client that an API has of a Cluster: no command may run after its caller was told that it failed, since the caller may have sent
 * it again, and every failure counts as an unavailable Redis.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis, type RedisConnection } from '@pixdock/shared/runtime/redis';
import { isRedisUnavailable } from '@pixdock/shared/runtime/redis-unavailable';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../harness/client.js';
import { startCluster, type Topology } from '../redis/topology.js';

/** Stores when it runs, in ms; the nodes are on this machine. */
const NOTE_TIME = `
  local time = redis.call('TIME')
  return redis.call('SET', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000))`;
/** Longer than a command waits for its reply, and shorter than a silent connection lives. */
const PAUSE_MS = 1500;

async function open(silentMs: number): Promise<{ cluster: Topology; redis: RedisConnection }> {
  const cluster = await startCluster(silentMs);
  const redis = connectRedis({ url: cluster.url, prefix: '{pixdock}' }, 'prompt');
  onTestFinished(async () => {
    redis.disconnect();
    await cluster.stop();
  });
  await until('the cluster', 60, () => redis.get('{pixdock}:any').then(() => true));
  return { cluster, redis };
}

/** The master of the prefix and another one, and how each says who has the slot of the prefix. */
function mastersOf(cluster: Topology) {
  const master = cluster.master();
  const other = cluster.servers.find((server) => server !== master) ?? master;
  const slot = master.cli('CLUSTER', 'KEYSLOT', '{pixdock}');
  return [master, other].map((server) => ({
    server,
    id: server.cli('CLUSTER', 'MYID'),
    setSlot: (...args: string[]) => server.cli('CLUSTER', 'SETSLOT', slot, ...args),
  })) as [Owner, Owner];
}
type Owner = { server: Topology['servers'][number]; id: string; setSlot: (...args: string[]) => string };

const failureOf = (command: Promise<unknown>) =>
  command.then(
    () => null,
    (error: Error) => error,
  );

test('connects although a node hangs', async () => {
  const cluster = await startCluster(60_000);
  onTestFinished(() => cluster.stop());
  mastersOf(cluster)[1].server.hang();
  // Each asks the nodes in another order.
  const clients = Array.from({ length: 16 }, () =>
    connectRedis({ url: cluster.url, prefix: '{pixdock}' }, 'patient'),
  );
  onTestFinished(() => clients.forEach((client) => client.disconnect()));
  const ends = clients.map((client) => client.get('{pixdock}:any').then(() => true));
  // A connection without a response is closed after 15 s.
  expect(await Promise.race([Promise.all(ends), sleep(12_000)])).toEqual(ends.map(() => true));
});

test.each(['kill', 'hang'] as const)(
  'runs no command after its failure when a master fails (%s)',
  async (loss) => {
    const { cluster, redis } = await open(1000);
    const failures: { key: string; at: number; error: Error }[] = [];
    const sent: Promise<unknown>[] = [];
    let served = 0;
    function send(): void {
      const key = `{pixdock}:${sent.length}`;
      const command = redis.eval(NOTE_TIME, 1, key);
      sent.push(
        command.then(
          () => served++,
          (error: Error) => failures.push({ key, at: Date.now(), error }),
        ),
      );
    }
    send();
    await Promise.all(sent);
    await cluster.master()[loss]();
    await until('a new master', 60, async () => {
      send();
      return failures.length > 0 && served > 10 ? true : null;
    });
    await Promise.all(sent);
    expect(failures.filter(({ error }) => !isRedisUnavailable(error))).toEqual([]);
    for (const { key, at } of failures) expect(Number(await redis.get(key))).toBeLessThanOrEqual(at);
  },
);

test('runs no command after its failure when its slot has moved meanwhile', async () => {
  const { cluster, redis } = await open(5000);
  const [from, to] = mastersOf(cluster);
  from.server.cli('CLIENT', 'PAUSE', String(PAUSE_MS), 'WRITE');
  const failure = failureOf(redis.set('{pixdock}:late', '1'));
  to.setSlot('IMPORTING', from.id);
  for (const { setSlot } of [to, from]) setSlot('NODE', to.id);
  expect(await failure).toMatchObject({ message: expect.stringContaining('timed out') });
  await sleep(2 * PAUSE_MS);
  expect(to.server.cli('EXISTS', '{pixdock}:late')).toBe('0');
});

test('runs no command after its failure when its slot was moving', async () => {
  const { cluster, redis } = await open(5000);
  const [from, to] = mastersOf(cluster);
  await redis.set('{pixdock}:here', '1');
  from.setSlot('MIGRATING', to.id);
  const failure = await failureOf(redis.eval(NOTE_TIME, 2, '{pixdock}:late', '{pixdock}:here'));
  expect([isRedisUnavailable(failure as Error), String(failure)]).toEqual([true, String(failure)]);
  from.setSlot('STABLE');
  await sleep(PAUSE_MS);
  expect(await redis.get('{pixdock}:late')).toBe(null);
});

test('counts a Cluster that redirects in a circle as unavailable', async () => {
  const { cluster, redis } = await open(5000);
  const [from, to] = mastersOf(cluster);
  from.setSlot('NODE', to.id);
  const failure = await failureOf(redis.set('{pixdock}:any', '1'));
  expect(String(failure)).toContain('Too many Cluster redirections');
  expect(isRedisUnavailable(failure as Error)).toBe(true);
});
