import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { unabbreviate } from '@pixdock/shared/state/images/abbreviate';
import { descendants } from '@pixdock/shared/testing/processes';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { OSS } from '../harness/stack.js';
import { check, checkWhenQuiet, formatFindings } from './check.js';
import { checkImages } from './check-images.js';
import { type Driver, openDriver } from './driver.js';
import { type History, openHistory } from './history.js';
import { type Run, startRun } from './run.js';
import type { Wish } from './wishes.js';

let run: Run;
let driver: Driver;
let listed: Image[];
let image: Image;
beforeAll(async () => {
  run = await startRun();
  driver = openDriver(run);
  const [picture] = run.pictures.good;
  if (picture === undefined) throw new Error('no picture');
  const rows = ['item-1', 'item-2'].map((name) => ({ name, picture, url: run.urlOf(picture, name) }));
  await Promise.all([
    driver.upload('one', picture),
    driver.upload('two', picture),
    driver.batch('all', rows),
  ]);
  expect(formatFindings(await checkWhenQuiet(run, 30))).toBe('');
  listed = (await driver.list<Image>('/v1/images')) ?? [];
  const found = listed.find(({ externalId }) => externalId === 'one');
  if (found === undefined) throw new Error('no image');
  image = found;
});
afterAll(() => run.stop());

let repair: () => unknown = () => {};
afterEach(async () => {
  await repair();
  repair = () => {};
  expect(formatFindings(await check(run))).toBe('');
});

const findAll = async () => formatFindings(await check(run));
const wanted = (name: string) => {
  const found = run.history.images.get(name);
  if (found === undefined) throw new Error(name);
  return found;
};
const main = () => image.variants.main?.key ?? '';
const bucket = () => aliClient(run.stack.oss);

test('reports a promise that was lost', async () => {
  const { ids } = wanted('two');
  ids.add('img_lost');
  repair = () => ids.delete('img_lost');
  const all = await findAll();
  expect(all).toContain('accepted as img_lost, which is lost');
  expect(all).toContain('and as img_lost');
});

test('reports a refused image that exists', async () => {
  const { ids } = wanted('two');
  const [id = ''] = ids;
  ids.clear();
  wanted('two').refusals++;
  repair = () => {
    ids.add(id);
    wanted('two').refusals--;
  };
  expect(await findAll()).toBe('two: refused, but exists');
});

test('reports an image that was never requested', async () => {
  const { images } = run.history;
  const two = wanted('two');
  images.delete('two');
  repair = () => images.set('two', two);
  expect(await findAll()).toContain('two was never requested');
});

test('reports images that are not final, have failed or should be deleted', () => {
  const found = (change: Partial<Image>) =>
    formatFindings(
      checkImages(run.history, [...listed.filter(({ id }) => id !== image.id), { ...image, ...change }]),
    );
  const crashed = { code: 'processing_crashed', detail: 'x' } as Image['error'];
  expect(found({})).toBe('');
  expect(found({ status: 'processing' })).toContain('one is not final: processing');
  expect(found({ status: 'failed', url: null, error: crashed })).toContain('failed: processing_crashed');
  expect(found({ status: 'deleted', url: null })).toContain('deleted without a request');
  run.history.deletions.set(image.id, 'promised');
  repair = () => run.history.deletions.delete(image.id);
  expect(found({})).toContain('should be deleted, but is published');
});

test('reports an image whose review, deletion time, replacement or bucket was not respected', () => {
  const found = (
    wish: Wish,
    change: Partial<Image> = {},
    prepare: (history: History) => unknown = () => {},
  ) => {
    const history = openHistory();
    history.want('one', wanted('one').picture, wish);
    history.recordName(image);
    prepare(history);
    return formatFindings(checkImages(history, [{ ...image, ...change }]));
  };
  const deleted: Partial<Image> = { status: 'deleted', externalId: null, url: null };
  const approve: Wish = { profile: 'reviewed', answer: 'approve' };
  const stored = (history: History) => history.noteFirst('stored', image.id);
  const approved = (history: History) => history.noteFirst('approvals', image.id);
  expect(found({ profile: 'reviewed', answer: 'reject' })).toContain('published although');
  expect(found(approve, {}, stored)).toContain('had an object before anyone approved it');
  expect(found(approve, {}, (history) => [approved(history), stored(history)])).toBe('');
  expect(found({ profile: 'receipts' })).toContain('private, but has a URL');
  expect(found({ deleteAfterSeconds: 1 })).toContain('should be deleted');
  expect(found({ deleteAfterSeconds: 1 }, deleted)).toBe('');
  const kept = (history: History) => history.keeps.set(image.id, 'promised');
  expect(found({ deleteAfterSeconds: 1 }, {}, kept)).toBe('');
  expect(found({ deleteAfterSeconds: 1 }, deleted, kept)).toContain('deleted without a request');
  const replacing: Wish = { replaces: 'product' };
  expect(found(replacing)).toBe('');
  expect(found(replacing, deleted)).toContain('deleted without a request');
});

test('reports an object that is missing, wrong or belongs to no image', async () => {
  const { content } = await bucket().get(main());
  repair = () => bucket().put(main(), content);
  await bucket().put(main(), Buffer.from('other'));
  expect(await findAll()).toContain(`${main()} has other bytes than its image describes`);
  await bucket().delete(main());
  expect(await findAll()).toContain(`${main()} is missing`);
  await bucket().put('stray', content);
  expect(await findAll()).toContain('stray: belongs to no image');
  await bucket().delete('stray');
  const other = aliClient({ ...run.stack.oss, bucket: OSS.privateBucket });
  await other.put(main(), content);
  expect(await findAll()).toContain(`${main()}: belongs to no image`);
  await other.delete(main());
});

test('reports leftovers in staging', async () => {
  const layout = stagingLayout(run.stack.dataDir);
  const stranger = `bat_${'0'.repeat(32)}`;
  const made = [layout.image(image.id), join(layout.incoming, 'img_half'), layout.batch(stranger)];
  for (const folder of made) mkdirSync(folder, { recursive: true });
  mkdirSync(join(layout.deletions, image.id.slice(4, 6)), { recursive: true });
  writeFileSync(layout.deletion(image.id), '');
  repair = () =>
    [...made, layout.deletion(image.id)].map((path) => rmSync(path, { recursive: true, force: true }));
  const all = await findAll();
  expect(all).toContain(`${image.id}: published, but still staged; its deletion is still pending`);
  expect(all).toContain('img_half: is still arriving');
  expect(all).toContain(`${stranger}: staged, but not listed`);
});

test('reports a leftover job, claim, attempt and decoder', async () => {
  const { redis } = run.stack;
  const claim = { state: 'running', resourceId: image.id, leaseUntil: Date.now() + 60_000 };
  redis.cli('ZADD', '{pixdock}:queue:images:failed', '1', 'img_x-1');
  redis.cli('ZADD', '{pixdock}:queue:upkeep:delayed', String(Number.MAX_SAFE_INTEGER), 'repeat:sweep:1');
  redis.cli('SET', '{pixdock}:idempotency:acme:left', JSON.stringify(claim));
  const key = `{pixdock}:image:${image.id}`;
  const doc = redis.cli('HGET', key, 'doc');
  const { internal, ...shown } = JSON.parse(unabbreviate(doc) ?? '') as { internal: object };
  redis.cli(
    'HSET',
    key,
    'doc',
    JSON.stringify({ ...shown, internal: { ...internal, attemptToken: 'somebody' } }),
  );
  for (const pid of descendants(run.stack.worker.pid)) run.history.deadDecoders.add(pid);
  repair = () => {
    redis.cli('HSET', key, 'doc', doc);
    redis.cli('ZREM', '{pixdock}:queue:upkeep:delayed', 'repeat:sweep:1');
    redis.cli('DEL', '{pixdock}:queue:images:failed', '{pixdock}:idempotency:acme:left');
    run.history.deadDecoders.clear();
  };
  const all = await findAll();
  expect(all).toContain('img_x-1: still in images');
  expect(all.match(/repeat:sweep.*/g)).toEqual(['repeat:sweep:1: still in upkeep']);
  expect(all).toContain('{pixdock}:idempotency:acme:left: is still claimed');
  expect(all).toContain(`${key}: still has an attempt`);
  expect(all).toMatch(/process \d+: outlived its worker/);
});

test('reports a batch whose items or counts differ from the request', async () => {
  const batch = run.history.batches.get('all');
  const [id = ''] = batch?.ids ?? [];
  const items = batch?.items ?? [];
  const key = `{pixdock}:batch:${id}`;
  items.push('item-3');
  const before = run.stack.redis.cli('HGET', key, 'published');
  run.stack.redis.cli('HSET', key, 'published', '1');
  repair = () => {
    items.pop();
    run.stack.redis.cli('HSET', key, 'published', before);
  };
  const all = await findAll();
  expect(all).toContain('3 items were sent, 2 exist');
  expect(all).toContain('counts 1 as published, but 2 are');
});

test('reports a decreasing version and a change of a final state', () => {
  const history = openHistory();
  const see = (change: Partial<Image>) => history.recordImage({ ...image, ...change }, performance.now());
  see({});
  see({ version: image.version - 1 });
  see({ version: image.version + 1, status: 'queued' });
  see({ version: image.version + 1, status: 'processing' });
  const all = formatFindings(history.findings);
  expect(all).toContain('its version decreased');
  expect(all).toContain('changed a final state');
  expect(all).toContain('two states under one version');
});

test('accepts late responses, retries and deletions', () => {
  const history = openHistory();
  const sentAtMs = performance.now();
  history.recordImage({ ...image, status: 'failed', version: 5, run: 1 }, sentAtMs);
  history.recordImage({ ...image, status: 'processing', version: 4, run: 1 }, sentAtMs);
  history.recordImage({ ...image, status: 'queued', version: 6, run: 2 }, performance.now());
  history.recordImage({ ...image, status: 'published', version: 7, run: 2 }, performance.now());
  history.deletions.set(image.id, 'promised');
  history.recordImage({ ...image, status: 'deleted', version: 8, run: 2 }, performance.now());
  expect(history.findings).toEqual([]);
});

test('reports secrets in responses and logs', () => {
  const { leaks, stack } = run;
  expect(leaks.inResponse(`{"detail":"ENOENT ${stack.dataDir}/x"}`)).toHaveLength(1);
  expect(leaks.inResponse(`{"url":"${stack.oss.endpoint}/x"}`)).toHaveLength(1);
  expect(leaks.inResponse('Error: x\n    at go (file:///a.js:1:2)')).toEqual(['a stack trace']);
  expect(leaks.inResponse('{"status":"published"}')).toEqual([]);
  expect(leaks.inLog('authorization: Bearer key-of-the-owner-acme')).toEqual(['key-of-the-owner-acme']);
});
