import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { watchSyncs } from '@pixdock/shared/testing/watch-syncs';
import { expect, test } from 'vitest';
import { receiveBody, refusalOf, say } from './testing/receive.js';
import { zipOf } from './testing/zip.js';

const TYPE = 'application/zip';

test('makes the archive durable before the batch is committed', async () => {
  const syncs = await watchSyncs();
  await receiveBody({
    type: TYPE,
    body: zipOf([{ name: 'a.jpg', content: 'one' }]),
    inspect: async ({ archive }) => expect(syncs.includes(archive)).toBe(true),
  });
});

test.each([1, 65_536])('stores the archive and lists its entries, in chunks of %i bytes', async (size) => {
  const body = zipOf([
    { name: 'photos/', content: '' },
    { name: 'photos/图 1.jpg', content: 'one' },
    { name: '__MACOSX/photos/._a.jpg', content: 'x' },
    { name: '../../etc/pass\u202ewd', content: 'two' },
    { name: 'C:\\pics\\..\\a\u001bb.jpg', content: 'three' },
    { name: '/abs.jpg', content: '' },
  ]);
  const received = await receiveBody({
    type: 'application/x-zip-compressed',
    body,
    size,
    query: '?profile=avatar',
    inspect: async ({ archive }) => expect(await readFile(archive)).toEqual(body),
  });
  expect(received).toMatchObject({
    profile: 'avatar',
    columns: ['file'],
    total: 4,
    invalid: 1,
  });
  expect(received.items).toMatchObject([
    {
      row: 1,
      cells: ['photos/图 1.jpg'],
      profile: 'avatar',
      externalId: 'photos/图 1.jpg',
      filename: '图 1.jpg',
      metadata: {},
      origin: { kind: 'entry', bytes: 3, method: 8 },
    },
    { row: 2, cells: ['../../etc/passwd'], externalId: 'etc/passwd', filename: 'passwd' },
    { row: 3, cells: ['C:\\pics\\..\\ab.jpg'], externalId: 'C:/pics/ab.jpg', filename: 'ab.jpg' },
    { row: 4, externalId: 'abs.jpg', filename: 'abs.jpg', origin: null, fault: { code: 'empty_file' } },
  ]);
  expect(received.faults).toEqual([
    {
      row: 4,
      externalId: 'abs.jpg',
      url: null,
      field: null,
      code: 'empty_file',
      reason: 'entry-empty',
      params: { row: 4, value: '/abs.jpg' },
    },
  ]);
  expect(say(received.faults[0])).toBe('Entry 4 ("/abs.jpg") is empty.');
  expect(say(received.faults[0], 'zh')).toBe('第 4 个文件（“/abs.jpg”）是 0 字节空文件。');
});

test('gives equal names in two folders another externalId', async () => {
  const body = zipOf(['a/1.jpg', 'b/1.jpg', './b//2.jpg'].map((name) => ({ name, content: 'x' })));
  const { items } = await receiveBody({ type: TYPE, body });
  expect(items.map(({ externalId }) => externalId)).toEqual(['a/1.jpg', 'b/1.jpg', 'b/2.jpg']);
});

test('shortens the externalId of a long path to its hash and its end', async () => {
  const ends = ['a.jpg', 'b.jpg'];
  const paths = ends.map((end) => `${'x'.repeat(3000)}😀${'y'.repeat(217)}/${end}`);
  const body = zipOf(paths.map((name) => ({ name, content: 'x' })));
  const { items } = await receiveBody({ type: TYPE, body });
  const hash = (path: string) => createHash('sha256').update(path).digest('hex').slice(0, 32);
  expect(items.map(({ externalId }) => externalId)).toEqual(
    paths.map((path, i) => `${hash(path)}:${'y'.repeat(217)}/${ends[i]}`),
  );
  expect(items[0]?.cells[0]).toHaveLength(1024);
  const [kept] = (await receiveBody({ type: TYPE, body: zipOf([{ name: 'z'.repeat(256), content: 'x' }]) }))
    .items;
  expect(kept?.externalId).toBe('z'.repeat(256));
});

test('limits folders and macOS files to three entries per item', async () => {
  const body = (folders: number) =>
    zipOf([
      { name: 'a.jpg', content: 'x' },
      ...Array.from({ length: folders }, (_, i) => ({ name: `${i}/`, content: '' })),
    ]);
  const limits = { maxBatchItems: 10 };
  expect((await receiveBody({ type: TYPE, body: body(29), limits })).total).toBe(1);
  expect(await refusalOf({ type: TYPE, body: body(30), limits })).toMatch(
    /^too_many_items: The archive has more than 30 entries \(folders included\)/,
  );
});

test('returns the fingerprint of the bytes', async () => {
  const fingerprint = async (content: string) =>
    (await receiveBody({ type: TYPE, body: zipOf([{ name: 'a.jpg', content }]) })).fingerprint;
  expect(await fingerprint('x')).toBe(await fingerprint('x'));
  expect(await fingerprint('x')).not.toBe(await fingerprint('y'));
  const body = zipOf([{ name: 'a.jpg', content: 'x' }]);
  const commented = Buffer.concat([body, Buffer.from('!')]);
  commented.writeUInt16LE(1, body.length - 2);
  expect((await receiveBody({ type: TYPE, body: commented })).fingerprint).not.toBe(await fingerprint('x'));
  expect(createHash('sha256').update(body).digest('hex')).not.toBe(await fingerprint('x'));
});

test('refuses too many entries, too many bytes, an empty body, and other formats', async () => {
  const entries = Array.from({ length: 11 }, (_, i) => ({ name: `${i}.jpg`, content: 'x' }));
  const body = zipOf(entries);
  expect(await refusalOf({ type: TYPE, body, limits: { maxBatchItems: 10 } })).toMatch(/^too_many_items/);
  const maxBatchBytes = body.length - 1;
  expect(await refusalOf({ type: TYPE, body, limits: { maxBatchBytes } })).toMatch(/^payload_too_large/);
  expect(await refusalOf({ type: TYPE, body: zipOf([]) })).toMatch(
    /^invalid_request: The batch has no items/,
  );
  for (const other of ['', 'not a ZIP', body.subarray(0, body.length - 10), body.subarray(0, 40)])
    expect(await refusalOf({ type: TYPE, body: other })).toMatch(
      /^invalid_request: The body is not a readable ZIP archive/,
    );
});
