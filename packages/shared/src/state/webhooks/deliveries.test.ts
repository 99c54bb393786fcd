import { afterAll, beforeEach, expect, it } from 'vitest';
import { startTestRedis } from '../../testing/redis.js';
import { openDeliveries } from './deliveries.js';
import { type Delivery, deliveryId } from './delivery.js';
import type { StoredEvent } from './outbox-entry.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
afterAll(() => redis.stop());
beforeEach(() => connection.flushall());

const BATCH = `bat_${'1'.repeat(32)}`;
const endpoint = (n: number) => ({ endpointId: `whe_${String(n).padStart(32, '0')}`, url: null });
const TEN = Array.from({ length: 10 }, (_, n) => endpoint(n));

function eventOf(n: number, type: StoredEvent['type'] = 'image.failed'): StoredEvent {
  const id = `img_${String(n).padStart(32, '0')}`;
  const data = { id, version: 7, status: 'failed', batchId: BATCH, urls: [], code: 'source_not_found' };
  return { type, timestamp: '2027-01-31T08:00:00.000Z', data };
}

const open = (maxBytes?: number) => openDeliveries(connection, settings.prefix, maxBytes);

async function endAll(deliveries: ReturnType<typeof open>, items: readonly Delivery[]): Promise<void> {
  for (const delivery of items)
    await deliveries.save({ ...delivery, status: 'delivered', nextAttemptAt: null });
}

async function usedBytes(): Promise<number> {
  const keys = await connection.keys('*');
  const sizes = await Promise.all(keys.map((key) => connection.memory('USAGE', key, 'SAMPLES', 0)));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

const allCounts = () => connection.hgetall(`${settings.prefix}:deliveries-bytes:acme`);
const countedBytes = async () => Number((await allCounts()).all);

it('counts the bytes that events and deliveries take in Redis', async () => {
  const deliveries = open();
  for (let n = 0; n < 200; n++) await deliveries.add('acme', eventOf(n), TEN);
  const [used, counted] = [await usedBytes(), await countedBytes()];
  console.info(
    `${Math.round(used / 200)} bytes for an event with ten deliveries, counted as ${counted / 200}`,
  );
  expect(used / counted).toBeGreaterThan(0.8);
  expect(used / counted).toBeLessThan(1.2);
});

it('drops new events of an endpoint that has as much pending as is left, and those of no other', async () => {
  const deliveries = open(100_000);
  let dropped = 0;
  for (let n = 0; n < 300; n++) dropped += await deliveries.add('acme', eventOf(n), [endpoint(1)]);
  expect(dropped).toBeGreaterThan(100);
  expect(await deliveries.dropped('acme')).toEqual({ [endpoint(1).endpointId]: dropped });
  expect(await deliveries.add('acme', eventOf(300), [endpoint(1), endpoint(2)])).toBe(1);
  expect(await deliveries.nextDueAt(endpoint(2).endpointId)).not.toBeNull();
  expect(await countedBytes()).toBeLessThan(100_000);
  expect(await deliveries.add('bob', eventOf(1), [endpoint(3)])).toBe(0);
});

it('removes the oldest deliveries that have ended when new ones need their space', async () => {
  const deliveries = open(400_000);
  for (let n = 0; n < 600; n++) {
    expect(await deliveries.add('acme', eventOf(n), [endpoint(1)])).toBe(0);
    await endAll(deliveries, await deliveries.due('acme', endpoint(1).endpointId, 10, 'all'));
  }
  expect(await countedBytes()).toBeLessThan(402_000);
  // Pending ones may take the space of all that have ended.
  for (let n = 0; n < 150; n++) expect(await deliveries.add('acme', eventOf(n), [endpoint(2)])).toBe(0);
  expect(await deliveries.get('acme', deliveryId(eventOf(0), endpoint(1)))).toBeNull();
  expect(await deliveries.get('acme', deliveryId(eventOf(599), endpoint(1)))).toMatchObject({
    event: eventOf(599),
  });
});

it('leaves nothing of deliveries that are removed, and does not save them again', async () => {
  const deliveries = open();
  for (let n = 0; n < 30; n++) await deliveries.add('acme', eventOf(n), TEN);
  const ended = await deliveries.due('acme', endpoint(1).endpointId, 20);
  await endAll(deliveries, ended);
  const late = await deliveries.get('acme', deliveryId(eventOf(0), endpoint(2)));
  for (const { endpointId } of TEN.slice(2)) await deliveries.removeEndpoint('acme', endpointId);
  for (let n = 0; n < 30; n++) await deliveries.removeAbout('acme', eventOf(n).data.id, () => true);
  if (late !== null) await deliveries.save({ ...late, tries: 1 });
  expect(await allCounts()).toEqual({ all: '0', ended: '0' });
  expect(await connection.keys('*')).toEqual([`${settings.prefix}:deliveries-bytes:acme`]);
});

it('counts a delivery once, and for its endpoint, however often it is attempted', async () => {
  const deliveries = open();
  await deliveries.add('acme', eventOf(1), [endpoint(2)]);
  const counted = await countedBytes();
  await deliveries.add('acme', eventOf(1), [endpoint(3)]);
  expect(Number((await allCounts())[endpoint(3).endpointId])).toBe((await countedBytes()) - counted);
  for (const n of [1, 2]) await deliveries.add('acme', eventOf(n), [endpoint(1)]);
  const [one] = await deliveries.due('acme', endpoint(1).endpointId, 1);
  if (one === undefined) throw new Error('none is due');
  const ended: Delivery = { ...one, status: 'delivered', nextAttemptAt: null };
  for (const next of [one, ended, one]) {
    await deliveries.save(next);
    const before = await allCounts();
    for (let again = 0; again < 3; again++) await deliveries.save(next);
    expect(await allCounts()).toEqual(before);
  }
});

it('removes deliveries that have been listed for long enough', async () => {
  const deliveries = open();
  await deliveries.add('acme', eventOf(1), [endpoint(1)]);
  await endAll(deliveries, await deliveries.due('acme', endpoint(1).endpointId, 1));
  await deliveries.removeExpired();
  const id = deliveryId(eventOf(1), endpoint(1));
  expect(await deliveries.get('acme', id)).not.toBeNull();
  await connection.zadd(`${settings.prefix}:deliveries-ended:${endpoint(1).endpointId}`, Date.now() - 1, id);
  await deliveries.removeExpired();
  expect(await deliveries.get('acme', id)).toBeNull();
});
