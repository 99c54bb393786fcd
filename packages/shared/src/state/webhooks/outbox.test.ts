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
  const stream = keys.outboxOf('acme');
  const add = () => connection.xadd(stream, '*', 'event', '{"type":"of a newer version"}');
  await endRestore(epoch);
  const left = await add();
  expect((await outbox.take('acme')).map(({ id }) => id)).toEqual([left]);
  await connection.call('XCLAIM', stream, 'relay', 'relay', '0', left ?? '', 'IDLE', '20000');
  const added = await add();
  expect((await outbox.take('acme')).map(({ id }) => id)).toEqual([left, added]);
  expect(await outbox.take('acme')).toEqual([]);
});

it('removes no event that got the id of a taken one after a loss of Redis', async () => {
  const { connection, settings } = redis;
  const keys = recordKeys(settings.prefix);
  const epoch = openEpoch(connection, settings.prefix);
  const outbox = openOutbox(connection, settings.prefix, epoch);
  const add = async () => {
    await connection.sadd(keys.outboxes, 'acme');
    await connection.xadd(keys.outboxOf('acme'), '1-1', 'event', '{}');
  };
  const takeAll = async () => {
    await endRestore(epoch);
    const { epoch: takenIn } = await outbox.owners();
    return { ids: (await outbox.take('acme')).map(({ id }) => id), takenIn };
  };
  await add();
  const taken = await takeAll();
  await connection.flushall();
  await add();
  await outbox.done('acme', taken.ids, taken.takenIn);
  const again = await takeAll();
  expect(again.ids).toEqual(taken.ids);
  await outbox.done('acme', again.ids, again.takenIn);
  expect(await connection.xlen(keys.outboxOf('acme'))).toBe(0);
});

it('names the owners with events once the endpoints are restored, until all events are done', async () => {
  const { connection, settings } = redis;
  const keys = recordKeys(settings.prefix);
  const epoch = openEpoch(connection, settings.prefix);
  const outbox = openOutbox(connection, settings.prefix, epoch);
  const add = async () => {
    await connection.sadd(keys.outboxes, 'acme');
    return (await connection.xadd(keys.outboxOf('acme'), '*', 'entry', '')) ?? '';
  };
  const ids = [await add(), await add()];
  const owners = async () => (await outbox.owners()).owners;
  expect(await owners()).toEqual([]);
  await endRestore(epoch);
  expect(await owners()).toEqual(['acme']);
  await outbox.take('acme');
  await outbox.done('acme', ids.slice(0, 1), epoch.known.number);
  expect(await owners()).toEqual(['acme']);
  await outbox.done('acme', ids, epoch.known.number);
  expect(await owners()).toEqual([]);
});
