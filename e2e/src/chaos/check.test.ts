import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { stagingLayout } from '@pixdock/shared/state/files/layout';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { descendants } from '../harness/leftovers.js';
import { check, checkWhenQuiet, told } from './check.js';
import { checkImages } from './check-images.js';
import { type Driver, openDriver } from './driver.js';
import { openHistory } from './history.js';
import { type Run, startRun } from './run.js';

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
  expect(told(await checkWhenQuiet(run, 30))).toBe('');
  listed = (await driver.list<Image>('/v1/images')) ?? [];
  const found = listed.find(({ externalId }) => externalId === 'one');
  if (found === undefined) throw new Error('no image');
  image = found;
});
afterAll(() => run.stop());

let mend: () => unknown = () => {};
afterEach(async () => {
  await mend();
  mend = () => {};
  expect(told(await check(run))).toBe('');
});

const finds = async () => told(await check(run));
const wanted = (name: string) => {
  const found = run.history.images.get(name);
  if (found === undefined) throw new Error(name);
  return found;
};
const main = () => image.variants.main?.key ?? '';
const bucket = () => aliClient(run.stack.oss);

test('a promise that was lost', async () => {
  const { ids } = wanted('two');
  ids.add('img_lost');
  mend = () => ids.delete('img_lost');
  const all = await finds();
  expect(all).toContain('accepted as img_lost, which is lost');
  expect(all).toContain('and as img_lost');
});

test('what was refused and is there', async () => {
  const { ids } = wanted('two');
  const [id = ''] = ids;
  ids.clear();
  wanted('two').refusals++;
  mend = () => {
    ids.add(id);
    wanted('two').refusals--;
  };
  expect(await finds()).toBe('two: refused, and there all the same');
});

test('what nobody asked for', async () => {
  const { images } = run.history;
  const two = wanted('two');
  images.delete('two');
  mend = () => images.set('two', two);
  expect(await finds()).toContain('nobody asked for two');
});

test('what is not final, has failed, or was to be deleted', () => {
  const found = (change: Partial<Image>) =>
    told(checkImages(run.history, [...listed.filter(({ id }) => id !== image.id), { ...image, ...change }]));
  const crashed = { code: 'processing_crashed', detail: 'x' } as Image['error'];
  expect(found({})).toBe('');
  expect(found({ status: 'processing' })).toContain('one is not final: processing');
  expect(found({ status: 'failed', url: null, error: crashed })).toContain('failed: processing_crashed');
  expect(found({ status: 'deleted', url: null })).toContain('deleted, and nobody asked for that');
  run.history.deletions.set(image.id, 'promised');
  mend = () => run.history.deletions.delete(image.id);
  expect(found({})).toContain('to be deleted, and published');
});

test('an object that is missing, is wrong, or belongs to nobody', async () => {
  const { content } = await bucket().get(main());
  mend = () => bucket().put(main(), content);
  await bucket().put(main(), Buffer.from('other'));
  expect(await finds()).toContain(`${main()} has other bytes than it tells`);
  await bucket().delete(main());
  expect(await finds()).toContain(`${main()} is missing`);
  await bucket().put('stray', content);
  expect(await finds()).toContain("stray: is nobody's object");
  await bucket().delete('stray');
});

test('what is left in staging, and what is missing there', async () => {
  const layout = stagingLayout(run.stack.dataDir);
  const made = [layout.image(image.id), join(layout.incoming, 'img_half'), layout.batch('bat_00stranger')];
  for (const folder of made) mkdirSync(folder, { recursive: true });
  mkdirSync(join(layout.deletions, image.id.slice(4, 6)), { recursive: true });
  writeFileSync(layout.deletion(image.id), '');
  mend = () =>
    [...made, layout.deletion(image.id)].map((path) => rmSync(path, { recursive: true, force: true }));
  const all = await finds();
  expect(all).toContain(`${image.id}: published, and still staged; its deletion is still to be done`);
  expect(all).toContain('img_half: still on its way in');
  expect(all).toContain('bat_00stranger: staged, and nobody knows it');
});

test('a job, a claim, an image in hand and a decoder that are left', async () => {
  const { redis } = run.stack;
  const claim = { state: 'running', resourceId: image.id, leaseUntil: Date.now() + 60_000 };
  redis.cli('ZADD', '{pixdock}:queue:images:failed', '1', 'img_x-1');
  redis.cli('ZADD', '{pixdock}:queue:upkeep:delayed', String(Number.MAX_SAFE_INTEGER), 'repeat:sweep:1');
  redis.cli('SET', '{pixdock}:idempotency:acme:left', JSON.stringify(claim));
  const key = `{pixdock}:image:${image.id}`;
  const doc = redis.cli('HGET', key, 'doc');
  const { internal, ...shown } = JSON.parse(doc) as { internal: object };
  redis.cli('HSET', key, 'doc', JSON.stringify({ ...shown, internal: { ...internal, holder: 'somebody' } }));
  for (const pid of descendants(run.stack.worker.pid)) run.history.deadDecoders.add(pid);
  mend = () => {
    redis.cli('HSET', key, 'doc', doc);
    redis.cli('ZREM', '{pixdock}:queue:upkeep:delayed', 'repeat:sweep:1');
    redis.cli('DEL', '{pixdock}:queue:images:failed', '{pixdock}:idempotency:acme:left');
    run.history.deadDecoders.clear();
  };
  const all = await finds();
  expect(all).toContain('img_x-1: still in images');
  expect(all.match(/repeat:sweep.*/g)).toEqual(['repeat:sweep:1: still in upkeep']);
  expect(all).toContain('{pixdock}:idempotency:acme:left: is still claimed');
  expect(all).toContain(`${key}: is still held`);
  expect(all).toMatch(/process \d+: outlived its worker/);
});

test('a batch whose items or counts are not what was sent', async () => {
  const batch = run.history.batches.get('all');
  const [id = ''] = batch?.ids ?? [];
  const items = batch?.items ?? [];
  const key = `{pixdock}:batch:${id}`;
  items.push('item-3');
  const before = run.stack.redis.cli('HGET', key, 'published');
  run.stack.redis.cli('HSET', key, 'published', '1');
  mend = () => {
    items.pop();
    run.stack.redis.cli('HSET', key, 'published', before);
  };
  const all = await finds();
  expect(all).toContain('3 items were sent, 2 are there');
  expect(all).toContain('counts 1 published, and 2 are');
});

test('versions that fall, and final states that are left', () => {
  const history = openHistory();
  const see = (change: Partial<Image>) => history.saw({ ...image, ...change }, performance.now());
  see({});
  see({ version: image.version - 1 });
  see({ version: image.version + 1, status: 'queued' });
  see({ version: image.version + 1, status: 'processing' });
  const all = told(history.finds);
  expect(all).toContain('its version fell');
  expect(all).toContain('left a final state');
  expect(all).toContain('one version, two states');
});

test('answers that came late, retries and deletions are no faults', () => {
  const history = openHistory();
  const askedAtMs = performance.now();
  history.saw({ ...image, status: 'failed', version: 5, run: 1 }, askedAtMs);
  history.saw({ ...image, status: 'processing', version: 4, run: 1 }, askedAtMs);
  history.saw({ ...image, status: 'queued', version: 6, run: 2 }, performance.now());
  history.saw({ ...image, status: 'published', version: 7, run: 2 }, performance.now());
  history.deletions.set(image.id, 'promised');
  history.saw({ ...image, status: 'deleted', version: 8, run: 2 }, performance.now());
  expect(history.finds).toEqual([]);
});

test('answers and logs that tell too much', () => {
  const { leaks, stack } = run;
  expect(leaks.inAnswer(`{"detail":"ENOENT ${stack.dataDir}/x"}`)).toHaveLength(1);
  expect(leaks.inAnswer(`{"url":"${stack.oss.endpoint}/x"}`)).toHaveLength(1);
  expect(leaks.inAnswer('Error: x\n    at go (file:///a.js:1:2)')).toEqual(['a stack trace']);
  expect(leaks.inAnswer('{"status":"published"}')).toEqual([]);
  expect(leaks.inLog('authorization: Bearer key-of-acme')).toEqual(['key-of-acme']);
});
