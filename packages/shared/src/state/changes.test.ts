import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, test, vi } from 'vitest';
import { connectRedis, type RedisConnection } from '../runtime/redis.js';
import { testRecord } from '../testing/record.js';
import { startTestRedis, type TestRedis } from '../testing/redis.js';
import { type Changes, openChanges, parseChange, TAKEN_IMAGES } from './changes.js';
import { begin } from './images/attempt-transitions.js';
import { openRecords, type Records } from './images/records.js';
import { recordKeys } from './record-keys.js';

let redis: TestRedis;
let records: Records;
beforeAll(async () => {
  redis = await startTestRedis();
  records = openRecords(redis.connection, redis.settings.prefix);
});
afterAll(() => redis.stop());

let subscriber: RedisConnection;
let changes: Changes;
beforeEach(async () => {
  subscriber = connectRedis(redis.settings, 'patient');
  changes = openChanges(subscriber, redis.settings.prefix);
  await expect.poll(() => subscriber.status).toBe('ready');
});
afterEach(() => subscriber.disconnect());

/** Collects the ids of the changes about a topic. */
async function collect(topic: string) {
  const ids: string[] = [];
  const following = changes.follow(topic, ({ id }) => void ids.push(id));
  await following.ready;
  return { ids, leave: () => following.leave() };
}

const channelOf = (topic: string) => recordKeys(redis.settings.prefix).changes(topic);
const subscribers = async (topic: string) => (await redis.connection.pubsub('NUMSUB', channelOf(topic)))[1];

it('gets the changes of the images and owners that it follows, and no others', async () => {
  const [ours, other] = [testRecord({ owner: 'ours' }), testRecord({ owner: 'theirs' })];
  const received: string[] = [];
  subscriber.on('message', (_channel: string, message: string) => void received.push(message));
  const [image, again, owner] = await Promise.all([collect(ours.id), collect(ours.id), collect('ours')]);
  for (const record of [other, ours]) await records.create(record);
  await expect.poll(() => owner.ids).toEqual([ours.id]);
  expect([image.ids, again.ids]).toEqual([[ours.id], [ours.id]]);
  expect(received).toHaveLength(2);
});

it('waits for no subscription once the connection is closed, since Redis may be away for long', async () => {
  await redis.connection.call('CLIENT', 'PAUSE', 3000, 'ALL');
  const { ready } = changes.follow(testRecord().id, () => {});
  let isReady = false;
  void ready.then(() => {
    isReady = true;
  });
  await setImmediate();
  expect(isReady).toBe(false);
  subscriber.disconnect(true);
  await once(subscriber, 'close');
  await setImmediate();
  expect(isReady).toBe(true);
});

it('subscribes as long as a topic has a follower', async () => {
  const { id } = testRecord();
  const [first, second] = [await collect(id), await collect(id)];
  first.leave();
  expect(await subscribers(id)).toBe(1);
  second.leave();
  second.leave();
  await expect.poll(() => subscribers(id)).toBe(0);
  const third = await collect(id);
  await redis.connection.publish(channelOf(id), `${id} 1`);
  await expect.poll(() => third.ids).toEqual([id]);
  expect([first.ids, second.ids]).toEqual([[], []]);
});

it('reports each loss of the subscription once it is back', async () => {
  const { id } = testRecord();
  const seen: string[] = [];
  let losses = 0;
  await changes.follow(
    id,
    (change) => void seen.push(change.id),
    () => losses++,
  ).ready;
  expect(losses).toBe(0);
  await redis.connection.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await expect.poll(() => losses).toBe(1);
  await redis.connection.publish(channelOf(id), `${id} 1`);
  await expect.poll(() => seen).toEqual([id]);
});

it('is ready once Redis has confirmed the subscription', async () => {
  const confirmed = Promise.withResolvers<number>();
  vi.spyOn(subscriber, 'subscribe').mockReturnValueOnce(confirmed.promise);
  const { ready } = changes.follow(testRecord().id, () => {});
  const onReady = vi.fn();
  const waiting = ready.then(onReady);
  await setImmediate();
  expect(onReady).not.toHaveBeenCalled();
  confirmed.resolve(1);
  await waiting;
});

it('follows at once while Redis is away', async () => {
  subscriber.disconnect();
  await expect.poll(() => subscriber.status).toBe('end');
  await changes.follow(testRecord().id, () => {}).ready;
});

it('reports the images that a change takes from an attempt', async () => {
  const taken = await collect(TAKEN_IMAGES);
  const token = (name: string) => ({ run: 1, token: name });
  const canceled = testRecord();
  await records.create(canceled);
  await records.transition(canceled.id, (record) => begin(record, token('first'), 'validating'));
  await records.transition(canceled.id, (record) => record);
  expect(taken.ids).toEqual([]);
  await records.transition(canceled.id, (record) => begin(record, token('second'), 'validating'));
  await expect.poll(() => taken.ids).toEqual([canceled.id]);
  await records.transition(canceled.id, (record) => ({ ...record, deleteRequestedAt: record.updatedAt }));
  await expect.poll(() => taken.ids).toEqual([canceled.id, canceled.id]);
});

const IMAGE = `img_${'5f'.repeat(16)}`;
const BATCH = `bat_${'5f'.repeat(16)}`;

test.each<[string, unknown]>([
  [`${IMAGE} 12`, { id: IMAGE, version: 12 }],
  [`${BATCH} 4`, { id: BATCH, version: 4 }],
  // What a newer version may publish.
  [`${IMAGE} 3 more`, { id: IMAGE, version: 3 }],
])('%j is understood as far as its form is known', (message, change) => {
  expect(parseChange(message)).toEqual(change);
});

test.each([
  '',
  ' ',
  IMAGE,
  `${IMAGE} `,
  `${IMAGE} x`,
  `${IMAGE} -1`,
  `${IMAGE} 1e3`,
  `${IMAGE} ${'9'.repeat(16)}`,
  `${IMAGE}0 1`,
  `job_${'5f'.repeat(16)} 1`,
  ` ${IMAGE} 1`,
])('%j names no change', (message) => {
  expect(parseChange(message)).toBeNull();
});
