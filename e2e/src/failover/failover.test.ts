/* The host of Redis' master stops to answer, with every connection open. `pnpm failover` does the same with more uploads. */
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { expect, test } from 'vitest';
import { startCluster } from '../redis/topology.js';
import { measureFailover } from './measure-failover.js';

test.each(['sentinel', 'cluster'] as const)(
  'accepts uploads again after a failover by %s, and publishes each once',
  async (kind) => {
    const outcome = await measureFailover({ kind, loss: 'hanging', detectMs: 1000, uploads: 16 });
    expect(outcome).toMatchObject({ lost: 0, doubled: 0 });
  },
);

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
