import { openDeliveries } from '@pixdock/shared/state/webhooks/deliveries';
import { deliveryId } from '@pixdock/shared/state/webhooks/delivery';
import { newRecovery, openRecoveries } from '@pixdock/shared/state/webhooks/recoveries';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openQueueDouble } from '../testing/queue-double.js';
import { CONTEXT } from '../testing/worker-parts.js';
import { recoverWebhooks } from './recover-webhooks.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
beforeEach(() => redis.connection.flushall());

const ENDPOINT = `whe_${'1'.repeat(32)}`;
const HOUR_MS = 3600_000;
const { connection, settings } = redis;
const deliveries = openDeliveries(connection, settings.prefix);
const recoveries = openRecoveries(connection, settings.prefix);

async function addDelivery(
  version: number,
  status: 'pending' | 'failed',
  createdAt = new Date().toISOString(),
) {
  const nothing = { externalId: null, batchId: null, url: null, urls: [], code: null };
  const data = { id: `img_${'1'.repeat(32)}`, version, status: 'published', ...nothing };
  const event = { type: 'image.published' as const, timestamp: createdAt, data };
  const target = { endpointId: ENDPOINT, url: null };
  const id = deliveryId(event, target);
  await deliveries.add('acme', event, [target]);
  const added = await deliveries.get('acme', id);
  if (added !== null && status === 'failed')
    await deliveries.save({ ...added, status, createdAt, nextAttemptAt: null });
  return id;
}

async function startRecovery(): Promise<string> {
  const recovery = await recoveries.create(newRecovery('acme', new Date(Date.now() - HOUR_MS).toISOString()));
  if (recovery === null) throw new Error('too many recoveries are running');
  return recovery.id;
}

const dueIds = async () => (await deliveries.due('acme', ENDPOINT, 1000)).map(({ id }) => id);

it('sends all deliveries again that failed since a time, and reports how many', async () => {
  const queue = openQueueDouble();
  const old = await addDelivery(0, 'failed', new Date(Date.now() - 2 * HOUR_MS).toISOString());
  const failed: string[] = [];
  for (let version = 1; version <= 150; version++) failed.push(await addDelivery(version, 'failed'));
  expect(await dueIds()).toEqual([]);
  const id = await startRecovery();
  const recover = recoverWebhooks({ recoveries, deliveries, queue });
  expect(await recover({ recoveryId: id, owner: 'acme' }, CONTEXT)).toEqual({ outcome: 'again', afterMs: 0 });
  expect(await recoveries.get(id)).toMatchObject({ status: 'running', resent: 100 });
  expect(await recover({ recoveryId: id, owner: 'acme' }, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await recoveries.get(id)).toMatchObject({ status: 'finished', resent: 150 });
  expect((await dueIds()).toSorted()).toEqual(failed.toSorted());
  expect(await deliveries.get('acme', old)).toMatchObject({ status: 'failed' });
  expect(queue.deliveries).toContain(ENDPOINT);
  expect(await deliveries.overdue()).toEqual([{ endpointId: ENDPOINT, owner: 'acme' }]);

  expect(await recover({ recoveryId: id, owner: 'acme' }, CONTEXT)).toEqual({ outcome: 'done' });
  expect((await recoveries.get(id))?.resent).toBe(150);
});

it('does not read deliveries of earlier events', async () => {
  const failed = await addDelivery(1, 'failed');
  const old = Array.from({ length: 2500 }, (_, i) => [i, `msg_${String(i).padStart(32, '0')}`]).flat();
  await connection.zadd(`${settings.prefix}:deliveries:acme`, ...old);
  const id = await startRecovery();
  const recover = recoverWebhooks({ recoveries, deliveries, queue: openQueueDouble() });
  expect(await recover({ recoveryId: id, owner: 'acme' }, CONTEXT)).toEqual({ outcome: 'done' });
  expect(await dueIds()).toEqual([failed]);
});

it('continues a recovery after a stop of the worker', async () => {
  await addDelivery(1, 'failed');
  const id = await startRecovery();
  const recover = recoverWebhooks({ recoveries, deliveries, queue: openQueueDouble() });
  const stopped = { ...CONTEXT, signal: AbortSignal.abort() };
  expect(await recover({ recoveryId: id, owner: 'acme' }, stopped)).toEqual({ outcome: 'again', afterMs: 0 });
  expect(await dueIds()).toEqual([]);
  await recover({ recoveryId: id, owner: 'acme' }, CONTEXT);
  expect(await dueIds()).toHaveLength(1);
});

it('lists the deliveries of one owner, newest first, in pages', async () => {
  const ids = [];
  for (let version = 1; version <= 5; version++)
    ids.push(await addDelivery(version, version % 2 === 0 ? 'failed' : 'pending'));
  const read = async (filter: Parameters<typeof deliveries.list>[1], limit: number) => {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await deliveries.list('acme', filter, cursor, limit);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      found.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    return found;
  };
  expect((await read({}, 2)).toSorted()).toEqual(ids.toSorted());
  expect(await read({}, 2)).toEqual(await read({}, 100));
  expect((await read({ matches: ({ status }) => status === 'failed' }, 1)).toSorted()).toEqual(
    [ids[1], ids[3]].toSorted(),
  );
  expect(await read({ matches: ({ endpointId }) => endpointId === 'whe_2' }, 1)).toEqual([]);
  expect((await deliveries.list('other', {}, null, 10)).items).toEqual([]);
});
