import { afterAll, expect, it } from 'vitest';
import { startTestRedis } from '../../testing/redis.js';
import { recordKeys } from '../record-keys.js';
import { openOutbox } from './outbox.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

it('takes new events beside those that were left', async () => {
  const { connection, settings } = redis;
  const keys = recordKeys(settings.prefix);
  const outbox = openOutbox(connection, settings.prefix);
  const add = () => connection.xadd(keys.outbox, '*', 'event', '{"type":"of a newer version"}');
  await connection.hset(keys.epoch, 'restored', 1);
  const left = await add();
  // The first call makes the group of the readers.
  expect(await outbox.take()).toEqual([]);
  expect((await outbox.take()).map(({ id }) => id)).toEqual([left]);
  await connection.call('XCLAIM', keys.outbox, 'relay', 'relay', '0', left ?? '', 'IDLE', '20000');
  const added = await add();
  expect((await outbox.take()).map(({ id }) => id)).toEqual([left, added]);
  expect(await outbox.take()).toEqual([]);
});
