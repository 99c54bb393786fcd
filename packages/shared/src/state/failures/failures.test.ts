import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RecordChanges, testRecord } from '../../testing/record.js';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { openRecords, type Records } from '../images/records.js';
import { storedError } from '../images/stored-error.js';
import { markDeleted, requestDelete, retry } from '../images/transitions.js';
import { type FailureFilter, type FailurePosition, type Failures, openFailures } from './failures.js';

let redis: TestRedis;
let records: Records;
let failures: Failures;
beforeAll(async () => {
  redis = await startTestRedis();
  records = openRecords(redis.connection, redis.settings.prefix);
  failures = openFailures(redis.connection, redis.settings.prefix);
});
afterAll(() => redis.stop());

const at = (hour: number, day = 5) => new Date(Date.UTC(2026, 0, day, hour)).toISOString();

async function addFailed(owner: string, changes: RecordChanges = {}, url: string | null = null) {
  const record = testRecord({ owner, status: 'failed', finishedAt: at(8), ...changes });
  const failed = { ...record, source: { ...record.source, url } };
  await records.create(failed);
  return failed;
}

const slow = { error: storedError('source_timeout') };
const keysOf = async (owner: string) => {
  const all = await redis.connection.keys(`${redis.settings.prefix}:failures*`);
  return all.filter((key) => key.includes(`:failures:${owner}`));
};

it('groups failures by code, host and day, newest day first', async () => {
  const owner = 'grouper';
  await addFailed(owner, { ...slow, finishedAt: at(9) }, 'https://img.example.com/a.jpg');
  const last = await addFailed(owner, { ...slow, finishedAt: at(10) }, 'https://img.example.com/b.jpg');
  const item = { ...slow, batchId: `bat_${'0'.repeat(32)}` };
  const other = await addFailed(owner, item, 'http://img.example.com:8080/?a');
  const uploaded = await addFailed(owner, { finishedAt: at(1, 6) });
  await addFailed('other', slow);
  expect(await failures.list(owner, {}, null, 10)).toEqual({
    groups: [
      {
        code: 'image_truncated',
        host: null,
        day: '2026-01-06',
        count: 1,
        firstAt: at(1, 6),
        lastAt: at(1, 6),
        exampleId: uploaded.id,
      },
      {
        code: 'source_timeout',
        host: 'img.example.com:8080',
        day: '2026-01-05',
        count: 1,
        firstAt: at(8),
        lastAt: at(8),
        exampleId: other.id,
      },
      {
        code: 'source_timeout',
        host: 'img.example.com',
        day: '2026-01-05',
        count: 2,
        firstAt: at(9),
        lastAt: at(10),
        exampleId: last.id,
      },
    ],
    next: null,
  });
  const counts = async (filter: FailureFilter) =>
    (await failures.list(owner, filter, null, 10)).groups.map(({ count }) => count);
  expect(await counts({ since: at(10) })).toEqual([1, 1]);
  expect(await counts({ until: at(10) })).toEqual([1, 1]);
  expect(await counts({ since: at(9), until: at(0, 6) })).toEqual([2]);
  expect(await counts({ since: at(0, 6), until: at(0, 7) })).toEqual([1]);
  expect(await counts({ until: at(8) })).toEqual([]);
  expect(await counts({ host: 'IMG.example.com' })).toEqual([2]);
  expect(await counts({ host: null })).toEqual([1]);
  expect(await counts({ code: 'source_timeout', since: at(9) })).toEqual([2]);
  expect(await failures.owners()).toEqual(expect.arrayContaining(['grouper', 'other']));
});

it('cuts a host that no name can have, so that a cursor and a filter take it', async () => {
  const owner = 'long-host';
  const host = `${'a'.repeat(60)}.`.repeat(10);
  const failed = await addFailed(owner, slow, `https://${host}com/a.jpg`);
  await addFailed(owner, { ...slow, finishedAt: at(8, 4) });
  const { groups, next } = await failures.list(owner, {}, null, 1);
  expect(groups).toMatchObject([{ host: host.slice(0, 300), exampleId: failed.id }]);
  expect(next?.length).toBeLessThan(600);
  expect((await failures.list(owner, { host: host.slice(0, 300) }, null, 1)).groups).toHaveLength(1);
});

it('pages without skipping or repeating a group', async () => {
  const owner = 'pager';
  for (let i = 0; i < 130; i++) await addFailed(owner, i % 2 === 0 ? slow : {}, `https://h${i}.example.com/`);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await failures.list(owner, {}, cursor, 7);
    expect(page.groups.length).toBeLessThanOrEqual(7);
    seen.push(...page.groups.map(({ host }) => host ?? ''));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toHaveLength(130);
  expect(new Set(seen).size).toBe(130);
  const { groups } = await failures.list(owner, { host: 'h129.example.com' }, null, 10);
  expect(groups).toHaveLength(1);
});

it('drops a group, and the owner, once no failure is left', async () => {
  const owner = 'leaver';
  const [retried, deleted, expired] = [
    await addFailed(owner),
    await addFailed(owner, { finishedAt: at(1, 7) }),
    await addFailed(owner, slow, 'https://img.example.com/'),
  ];
  await records.transition(retried.id, retry);
  await records.transition(deleted.id, requestDelete);
  expect((await failures.list(owner, {}, null, 10)).groups).toHaveLength(2);
  await records.transition(deleted.id, (record) => markDeleted(record, 1000));
  expect((await failures.list(owner, {}, null, 10)).groups).toMatchObject([{ exampleId: expired.id }]);
  expect(await failures.owners()).toContain(owner);
  expect(await records.forget(expired)).toBe(true);
  expect(await keysOf(owner)).toEqual([]);
  expect(await failures.owners()).not.toContain(owner);
});

it('drops a group in the transition that its last image leaves it with', async () => {
  const owner = 'once';
  const { id } = await addFailed(owner);
  expect(await failures.owners()).toContain(owner);
  await records.transition(id, retry);
  expect(await keysOf(owner)).toEqual([]);
  expect(await failures.owners()).not.toContain(owner);
});

it('drops a group whose last image was forgotten right before a crash', async () => {
  const owner = 'crasher';
  const { id } = await addFailed(owner);
  const [images = ''] = (await keysOf(owner)).filter((key) => key.includes('image_truncated'));
  await redis.connection.zrem(images, id);
  expect(await failures.list(owner, {}, null, 10)).toEqual({ groups: [], next: null });
  expect(await keysOf(owner)).toEqual([]);
});

it('steps through all images that match, up to a time', async () => {
  const owner = 'stepper';
  const wanted = [];
  for (let i = 0; i < 25; i++)
    wanted.push(
      await addFailed(owner, { ...slow, finishedAt: at(i % 20) }, `https://h${i % 3}.example.com/`),
    );
  await addFailed(owner);
  const newer = await addFailed(owner, { ...slow, finishedAt: at(23) }, 'https://h1.example.com/');
  const all = async (filter: FailureFilter) => {
    const ids: string[] = [];
    let position: FailurePosition | null = null;
    do {
      const step = await failures.step(owner, filter, Date.parse(at(22)), position, 4);
      expect(step.ids.length).toBeLessThanOrEqual(4);
      ids.push(...step.ids);
      position = step.next;
    } while (position !== null);
    return ids.toSorted();
  };
  const idsOf = (some: { id: string }[]) => some.map(({ id }) => id).toSorted();
  expect(await all({ code: 'source_timeout' })).toEqual(idsOf(wanted));
  expect(await all({})).toHaveLength(26);
  expect(await all({})).not.toContain(newer.id);
  const recent = wanted.filter(({ finishedAt }) => (finishedAt ?? '') >= at(15));
  expect(await all({ code: 'source_timeout', since: at(15) })).toEqual(idsOf(recent));
  expect(await all({ host: 'h2.example.com' })).toHaveLength(8);
});
