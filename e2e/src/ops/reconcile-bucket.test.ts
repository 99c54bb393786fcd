import { access } from 'node:fs/promises';
import type { Image } from '@pixdock/contract/image';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import { everything, expectMended, type Hands, openHands, reconcile, runOps } from './support.js';

let stack: Stack;
let hands: Hands;
let whole: string[];
let published: Image;
let outlived: Image;
let failed: Image;
let deleted: Image;

beforeAll(async () => {
  stack = await startStack();
  hands = await openHands(stack);
  const bytes = await photo();
  published = await uploadAndWait(stack, bytes, { fields: { externalId: 'sku-1' } });
  await uploadAndWait(stack, bytes, { fields: { profile: 'compact' } });
  failed = await uploadAndWait(stack, bytes.subarray(0, 2000));
  deleted = await uploadAndWait(stack, bytes);
  await ask(stack, `/v1/images/${deleted.id}`, { method: 'DELETE' });
  await ask(stack, `/v1/images/${deleted.id}?`, { headers: { Prefer: 'wait=10' } });
  outlived = await uploadAndWait(stack, bytes, { fields: { externalId: '图片' } });
  await endRetention(outlived.id);
  // Of somebody else, in the same bucket.
  for (const key of ['notes.txt', '5f/readme.md', 'ff/ffff/main.jpg', 'a b%20é.txt']) await hands.put(key);
  const strange = `00/${'00'.repeat(16)}`;
  await hands.put(`${strange}/main.jpg`);
  await hands.put(`${strange}/other.jpg`);
});
afterAll(async () => {
  await hands.stop();
  await stack.stop();
});
beforeEach(async () => {
  whole = await everything(stack, hands);
});
/** Whatever was broken, nothing else was touched. */
afterEach(async () => expect(await everything(stack, hands)).toEqual(whole));

/** As the sweep does after RETENTION. */
async function endRetention(id: string): Promise<void> {
  const record = await hands.records.get(id);
  // Its outcome is written just after its record tells of it.
  await until(`${id} to be settled`, 10, () =>
    access(hands.staging.layout.image(id)).then(
      () => null,
      () => true,
    ),
  );
  await hands.staging.forget(id);
  if (record !== null) await hands.records.forget(record);
}

const folderOf = (id: string) => `${id.slice(4, 6)}/${id.slice(4)}`;
const keyOf = (image: Image, name: string) => image.variants[name]?.key ?? '';

test('finds nothing in a consistent system, with and without --fix', async () => {
  for (const args of [[], ['--fix']]) {
    const { exit, found, err } = await reconcile(stack, ...args);
    expect({ exit, found }).toEqual({ exit: 0, found: [] });
    expect(err).toMatch(
      /^Checked 4 records, 8 objects, 0 batches and \d jobs; the records of 1 published images have expired/m,
    );
    expect(err).toContain("6 objects are not Pixdock's");
  }
});

test('ignores changes within --before', async () => {
  const key = `${folderOf(failed.id)}/thumb.webp`;
  await hands.put(key);
  const { exit, out } = await runOps(stack, ['reconcile', '--fix']);
  expect({ exit, out }).toEqual({ exit: 0, out: '' });
  await hands.remove(key);
});

test('removes an object set without a main object and a record', async () => {
  const id = `img_${'ab'.repeat(16)}`;
  const key = `${folderOf(id)}/thumb.webp`;
  await hands.put(key);
  await expectMended(stack, [['orphan-object', id, key]]);
});

test('does not report an object set with a main object as an orphan', async () => {
  const record = await hands.records.get(published.id);
  const fields = await hands.redis.hgetall(`{pixdock}:image:${published.id}`);
  await endRetention(published.id);
  expect(await reconcile(stack, '--fix')).toMatchObject({ exit: 0, found: [] });
  expect(await ask(stack, `/v1/images/${published.id}`)).toMatchObject({
    status: 200,
    body: { url: published.url },
  });
  if (record === null) throw new Error('no record');
  await hands.records.create(record);
  await hands.redis.hset(`{pixdock}:image:${published.id}`, fields);
  await hands.staging.settle(record);
});

test('removes an object that neither the main object nor the record references', async () => {
  for (const image of [published, outlived]) {
    const key = `${folderOf(image.id)}/thumb.png`;
    await hands.put(key);
    await expectMended(stack, [['unnamed-variant', image.id, key]]);
  }
});

test('reports a second main object without changing it', async () => {
  const key = `${folderOf(published.id)}/main.webp`;
  await hands.put(key);
  const { exit, lines } = await reconcile(stack, '--fix');
  expect(exit).toBe(1);
  expect(lines).toMatchObject([{ kind: 'second-main', id: published.id, key, fixed: false }]);
  expect(await listKeys(stack)).toContain(key);
  await hands.remove(key);
});

test('removes objects of deleted and failed images', async () => {
  for (const image of [deleted, failed])
    for (const name of ['main.jpg', 'thumb.webp']) {
      const key = `${folderOf(image.id)}/${name}`;
      await hands.put(key);
      const before = await hands.records.get(image.id);
      await expectMended(stack, [['leftover-object', image.id, key]]);
      expect((await hands.records.get(image.id))?.version).toBe((before?.version ?? 0) + 1);
    }
  whole = await everything(stack, hands);
});

test('reports a published image whose object is missing or different', async () => {
  for (const image of [published, outlived])
    for (const name of ['main', 'thumb']) {
      if (image === outlived && name === 'main') continue;
      const key = keyOf(image, name);
      const { 'content-type': type = '', ...headers } = await hands.headers(key);
      const body = Buffer.from(await (await fetch(image.variants[name]?.url ?? '')).arrayBuffer());
      const meta = Object.fromEntries(
        Object.entries(headers).filter(([header]) => header.startsWith('x-oss-meta-')),
      );
      const damage: [string, () => Promise<unknown>][] = [['object-missing', () => hands.remove(key)]];
      if (image === published) damage.push(['object-differs', () => hands.put(key, 'other', meta)]);
      for (const [kind, break_] of damage) {
        await break_();
        const { exit, lines } = await reconcile(stack, '--fix');
        expect(exit).toBe(1);
        expect(lines).toMatchObject([
          { kind, id: image.id, key, fixed: false, fix: expect.stringContaining('By hand') },
        ]);
        await hands.put(key, body, { 'Content-Type': type, ...meta });
      }
    }
});

test('reports an unreadable record without changing it', async () => {
  const name = `{pixdock}:image:${published.id}`;
  const document = await hands.redis.hget(name, 'doc');
  await hands.redis.hset(name, 'doc', '{"id":1}');
  const { exit, lines } = await reconcile(stack, '--fix');
  expect(exit).toBe(1);
  expect(lines).toMatchObject([{ kind: 'unreadable-record', id: published.id, fixed: false }]);
  await hands.redis.hset(name, 'doc', document ?? '');
});
