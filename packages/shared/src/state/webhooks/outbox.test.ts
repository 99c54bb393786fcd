import { afterAll, beforeEach, expect, it } from 'vitest';
import { endRestore } from '../../testing/end-restore.js';
import { startTestRedis } from '../../testing/redis.js';
import { openEpoch } from '../epoch.js';
import { recordKeys } from '../record-keys.js';
import { openOutbox } from './outbox.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());
beforeEach(() => redis.connection.flushall());

it('takes new events beside those that were left', async () => {
  const { connection, settings } = redis;
  const keys = recordKeys(settings.prefix);
  const epoch = openEpoch(connection, settings.prefix);
  const outbox = openOutbox(connection, settings.prefix, epoch);
  const add = () => connection.xadd(keys.outbox, '*', 'event', '{"type":"of a newer version"}');
  await endRestore(epoch);
  const left = await add();
  // The first call makes the group of the readers.
  expect(await outbox.take()).toEqual([]);
  expect((await outbox.take()).map(({ id }) => id)).toEqual([left]);
  await connection.call('XCLAIM', keys.outbox, 'relay', 'relay', '0', left ?? '', 'IDLE', '20000');
  const added = await add();
  expect((await outbox.take()).map(({ id }) => id)).toEqual([left, added]);
  expect(await outbox.take()).toEqual([]);
});

it('removes no event that got the id of a taken one after a loss of Redis', async () => {
  const { connection, settings } = redis;
  const keys = recordKeys(settings.prefix);
  const epoch = openEpoch(connection, settings.prefix);
  const outbox = openOutbox(connection, settings.prefix, epoch);
  const add = () => connection.xadd(keys.outbox, '1-1', 'event', '{}');
  const takeAll = async () => {
    await endRestore(epoch);
    await outbox.take();
    return (await outbox.take()).map(({ id }) => id);
  };
  await add();
  const taken = await takeAll();
  await connection.flushall();
  await add();
  await outbox.done(taken);
  expect(await takeAll()).toEqual(taken);
  await outbox.done(taken);
  expect(await connection.xlen(keys.outbox)).toBe(0);
});
