import { access } from 'node:fs/promises';
import type { Image } from '@pixdock/contract/image';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import { everything, expectRepaired, type Internals, openInternals, reconcile, runOps } from './support.js';

let stack: Stack;
let internals: Internals;
let whole: string[];
let published: Image;
let outlived: Image;
let failed: Image;
let deleted: Image;

beforeAll(async () => {
  stack = await startStack();
  internals = await openInternals(stack);
  const bytes = await photo();
  published = await uploadAndWait(stack, bytes, { fields: { externalId: 'sku-1' } });
  await uploadAndWait(stack, bytes, { fields: { profile: 'compact' } });
  failed = await uploadAndWait(stack, bytes.subarray(0, 2000));
  deleted = await uploadAndWait(stack, bytes);
  await ask(stack, `/v1/images/${deleted.id}`, { method: 'DELETE' });
  await ask(stack, `/v1/images/${deleted.id}?`, { headers: { Prefer: 'wait=10' } });
  outlived = await uploadAndWait(stack, bytes, { fields: { externalId: '图片' } });
  await endRetention(outlived.id);
  // Objects of another program in the same bucket.
  for (const key of ['notes.txt', '5f/readme.md', 'ff/ffff/main.jpg', 'a b%20é.txt'])
    await internals.put(key);
  const strange = `00/${'00'.repeat(16)}`;
  await internals.put(`${strange}/main.jpg`);
  await internals.put(`${strange}/other.jpg`);
});
afterAll(async () => {
  await internals.stop();
  await stack.stop();
});
beforeEach(async () => {
  whole = await everything(stack, internals);
});
/** After each test, everything else is unchanged. */
afterEach(async () => expect(await everything(stack, internals)).toEqual(whole));

/** Deletes the record, as the sweep does after RETENTION. */
async function endRetention(id: string): Promise<void> {
  const record = await internals.records.get(id);
  // The outcome is written shortly after the record is final.
  await until(`${id} to be settled`, 10, () =>
    access(internals.staging.layout.image(id)).then(
      () => null,
      () => true,
    ),
  );
  await internals.staging.forget(id);
  if (record !== null) await internals.records.forget(record);
}

const folderOf = (id: string) => `${id.slice(4, 6)}/${id.slice(4)}`;
const keyOf = (image: Image, name: string) => image.variants[name]?.key ?? '';

test('finds nothing in a consistent system, with and without --fix', async () => {
  for (const args of [[], ['--fix']]) {
    const { exit, found, err } = await reconcile(stack, ...args);
    expect({ exit, found }).toEqual({ exit: 0, found: [] });
    expect(err).toMatch(
      /^Checked 4 records, 8 objects, 0 batches and \d jobs; 1 published images have no record here: it expired, .*`pixdock-ops recover` restores it/m,
    );
    expect(err).toContain("6 objects are not Pixdock's");
  }
});

test('ignores changes within --before', async () => {
  const key = `${folderOf(failed.id)}/thumb.webp`;
  await internals.put(key);
  const { exit, out } = await runOps(stack, ['reconcile', '--fix']);
  expect({ exit, out }).toEqual({ exit: 0, out: '' });
  await internals.remove(key);
});

test('removes an object set without a main object and a record', async () => {
  const id = `img_${'ab'.repeat(16)}`;
  const key = `${folderOf(id)}/thumb.webp`;
  await internals.put(key);
  await expectRepaired(stack, [['orphan-object', id, key]]);
});

test('does not report an object set with a main object as an orphan', async () => {
  const record = await internals.records.get(published.id);
  const fields = await internals.redis.hgetall(`{pixdock}:image:${published.id}`);
  const bytes = await internals.redis.hgetall('{pixdock}:record-bytes');
  await endRetention(published.id);
  expect(await reconcile(stack, '--fix')).toMatchObject({ exit: 0, found: [] });
  expect(await ask(stack, `/v1/images/${published.id}`)).toMatchObject({
    status: 200,
    body: { url: published.url },
  });
  if (record === null) throw new Error('no record');
  await internals.records.create(record);
  await internals.redis.hset(`{pixdock}:image:${published.id}`, fields);
  await internals.redis.hset('{pixdock}:record-bytes', bytes);
  await internals.staging.writeOutcome(record);
});

test('removes an object that neither the main object nor the record references', async () => {
  for (const image of [published, outlived]) {
    const key = `${folderOf(image.id)}/thumb.png`;
    await internals.put(key);
    await expectRepaired(stack, [['unnamed-variant', image.id, key]]);
  }
});

test('reports a second main object without changing it', async () => {
  const key = `${folderOf(published.id)}/main.webp`;
  await internals.put(key);
  const { exit, lines } = await reconcile(stack, '--fix');
  expect(exit).toBe(1);
  expect(lines).toMatchObject([{ kind: 'second-main', id: published.id, key, fixed: false }]);
  expect(await listKeys(stack)).toContain(key);
  await internals.remove(key);
});

test('removes objects of deleted and failed images', async () => {
  for (const image of [deleted, failed])
    for (const name of ['main.jpg', 'thumb.webp']) {
      const key = `${folderOf(image.id)}/${name}`;
      await internals.put(key);
      const before = await internals.records.get(image.id);
      await expectRepaired(stack, [['leftover-object', image.id, key]]);
      expect((await internals.records.get(image.id))?.version).toBe((before?.version ?? 0) + 1);
    }
  whole = await everything(stack, internals);
});

test('reports a published image whose object is missing or different', async () => {
  for (const image of [published, outlived])
    for (const name of ['main', 'thumb']) {
      if (image === outlived && name === 'main') continue;
      const key = keyOf(image, name);
      const { 'content-type': type = '', ...headers } = await internals.headers(key);
      const body = Buffer.from(await (await fetch(image.variants[name]?.url ?? '')).arrayBuffer());
      const meta = Object.fromEntries(
        Object.entries(headers).filter(([header]) => header.startsWith('x-oss-meta-')),
      );
      const damage: [string, () => Promise<unknown>][] = [['object-missing', () => internals.remove(key)]];
      if (image === published)
        damage.push(['object-differs', () => internals.put(key, Buffer.alloc(body.length), meta)]);
      for (const [kind, break_] of damage) {
        await break_();
        const { exit, lines } = await reconcile(stack, '--fix');
        expect(exit).toBe(1);
        expect(lines).toMatchObject([
          { kind, id: image.id, key, fixed: false, fix: expect.stringContaining('By hand') },
        ]);
        await internals.put(key, body, { 'Content-Type': type, ...meta });
      }
    }
});

test('reports an unreadable record without changing it', async () => {
  const name = `{pixdock}:image:${published.id}`;
  const document = await internals.redis.hget(name, 'doc');
  await internals.redis.hset(name, 'doc', '{"id":1}');
  const { exit, lines } = await reconcile(stack, '--fix');
  expect(exit).toBe(1);
  expect(lines).toMatchObject([{ kind: 'unreadable-record', id: published.id, fixed: false }]);
  await internals.redis.hset(name, 'doc', document ?? '');
});
