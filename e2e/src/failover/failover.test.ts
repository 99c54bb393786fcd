/* The host of Redis' master stops to answer, with every connection open. `pnpm failover` does the same with more uploads. */
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { expect, test } from 'vitest';
import { until } from '../harness/client.js';
import { startCluster } from '../redis/topology.js';
import { measureFailover } from './measure-failover.js';

test.each(['sentinel', 'cluster'] as const)(
  'accepts uploads again after a failover by %s, and publishes each once',
  async (kind) => {
    const outcome = await measureFailover({ kind, loss: 'hanging', detectMs: 1000, uploads: 16 });
    expect(outcome).toMatchObject({ lost: 0, doubled: 0 });
  },
);

test('sends no command again to a Cluster after the API reported its failure', async () => {
  const cluster = await startCluster(1000);
  const redis = connectRedis({ url: cluster.url, prefix: '{pixdock}' }, 'prompt');
  const untilSet = (key: string) => until('a master', 60, async () => redis.set(key, '1'));
  try {
    await untilSet('{pixdock}:before');
    cluster.hang();
    await expect(redis.set('{pixdock}:failed', '1')).rejects.toThrow('timed out');
    await untilSet('{pixdock}:after');
    expect(await redis.get('{pixdock}:failed')).toBeNull();
  } finally {
    redis.disconnect();
    await cluster.stop();
  }
});

test("keeps a worker's command until a Cluster has a new master", async () => {
  const cluster = await startCluster(5000);
  const redis = connectRedis({ url: cluster.url, prefix: '{pixdock}' }, 'patient');
  try {
    expect(await redis.set('{pixdock}:before', '1')).toBe('OK');
    await cluster.master().kill();
    expect(await redis.set('{pixdock}:during', '1')).toBe('OK');
  } finally {
    redis.disconnect();
    await cluster.stop();
  }
});
