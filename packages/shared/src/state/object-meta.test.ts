import { EXTERNAL_ID_MAX_LENGTH } from '@pixdock/contract/external-id';
import { MAX_VARIANTS } from '@pixdock/contract/profile';
import { expect, test } from 'vitest';
import type { MetadataKeys } from '../runtime/metadata-keys.js';
import { METADATA_KEY, NEXT_METADATA_KEY, testMetadataKeys } from '../testing/metadata-keys.js';
import { changedRecord, testRecord } from '../testing/record.js';
import type { ImageRecord } from './images/image-record.js';
import { objectKey } from './object-key.js';
import { fromObjectMeta, toObjectMeta } from './object-meta.js';

const PREFIX = 'shop/';
const SIZE = { width: 800, height: 600, frames: 1 };
const publicUrl = (key: string) => `https://img.example.com/${key}`;
const KEYS = testMetadataKeys();
const ITEM = { batchId: `bat_${'7'.repeat(32)}`, row: 12 };
const customer = () => changedRecord(testRecord({ externalId: '+86 138 0013 8000 张' }), ITEM);

function variantsOf({ id }: ImageRecord, names: readonly string[] = ['main', 'thumb']) {
  const facts = { width: 2560, height: 1920, bytes: 512_233, mediaType: 'image/webp', etag: 'e'.repeat(32) };
  const variants = names.map((name) => {
    const key = objectKey(PREFIX, id, name, 'webp');
    return [name, { url: publicUrl(key), key, ...facts }] as const;
  });
  return Object.fromEntries(variants);
}

/** The `main` of an image, as a listing of the bucket names it. */
function mainOf(record: ImageRecord, keys: MetadataKeys = KEYS) {
  const metadata = toObjectMeta(keys, record, SIZE, variantsOf(record), 'f00');
  return { key: objectKey(PREFIX, record.id, 'main', 'webp'), metadata };
}

const read = (main: ReturnType<typeof mainOf>, keys = KEYS) =>
  fromObjectMeta(keys, main, [PREFIX], publicUrl);

test('reads from an object what is needed after its record has expired', () => {
  const record = customer();
  const before = Date.now();
  const reading = read(mainOf(record));
  const { id, owner, externalId, batchId, row, createdAt, profile, run, source } = record;
  const { kind, bytes, sha256, mediaType } = source;
  expect(reading).toMatchObject({
    outcome: 'image',
    image: {
      id,
      owner,
      externalId,
      batchId,
      row,
      createdAt,
      profile,
      run,
      status: 'published',
      source: { kind, bytes, sha256, mediaType, ...SIZE },
      variants: variantsOf(record),
      url: publicUrl(objectKey(PREFIX, id, 'main', 'webp')),
    },
  });
  const finishedAt = reading.outcome === 'image' ? Date.parse(reading.image.finishedAt ?? '') : 0;
  expect(finishedAt).toBeGreaterThanOrEqual(before);
  expect(finishedAt).toBeLessThanOrEqual(Date.now());
});

test('reveals id, format and one sealed value, whose length hardly depends on an externalId', () => {
  const record = customer();
  const { metadata } = mainOf(record);
  expect(metadata).toEqual({
    'pixdock-id': record.id,
    'pixdock-format': '1',
    'pixdock-sealed': expect.stringMatching(/^test\.[\w-]+$/),
  });
  const sealed = Buffer.from(metadata['pixdock-sealed']?.split('.')[1] ?? '', 'base64url');
  for (const fact of [record.owner, '138', ITEM.batchId, 'webp']) expect(sealed.includes(fact)).toBe(false);
  const lengths = ['1', '123456789012'].map(
    (externalId) => mainOf(changedRecord(record, { externalId })).metadata['pixdock-sealed']?.length,
  );
  expect(lengths[0]).toBe(lengths[1]);
  expect(mainOf(record).metadata['pixdock-sealed']).not.toBe(metadata['pixdock-sealed']);
});

test('opens nothing that was changed, moved, or sealed with another key', () => {
  const main = mainOf(customer());
  const sealed = (changes: object, key = main.key) =>
    read({ key, metadata: { ...main.metadata, ...changes } });
  const closed = { outcome: 'sealed', keyId: 'test' };
  const text = main.metadata['pixdock-sealed']?.slice('test.'.length) ?? '';
  const bytes = Buffer.from(text, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    expect(sealed({ 'pixdock-sealed': `test.${flipped.toString('base64url')}` })).toEqual(closed);
  }
  for (const length of [0, 1, 20, bytes.length - 1])
    expect(
      sealed({ 'pixdock-sealed': `test.${bytes.subarray(0, length).toString('base64url')}` }).outcome,
    ).not.toBe('image');
  const other = mainOf(customer());
  expect(sealed({}, other.key)).toEqual({ outcome: 'foreign' });
  expect(sealed({ 'pixdock-id': other.metadata['pixdock-id'] }, other.key)).toEqual(closed);
  expect(sealed({}, main.key.replace('.webp', '.jpg'))).toEqual(closed);
  const elsewhere = { ...main, key: main.key.replace(PREFIX, 'new/') };
  expect(fromObjectMeta(KEYS, elsewhere, ['new/'], publicUrl)).toEqual(closed);
  expect(sealed({ 'pixdock-format': '2' })).toEqual(closed);
  const sameId = testMetadataKeys(NEXT_METADATA_KEY.replace('next:', 'test:'));
  expect(read(main, sameId)).toEqual(closed);
  expect(read(main, testMetadataKeys(NEXT_METADATA_KEY))).toEqual(closed);
  expect(read({ ...main, metadata: { 'pixdock-id': 'img_1' } })).toEqual({ outcome: 'foreign' });
});

test('seals with the first key and opens with all', () => {
  const before = mainOf(customer());
  const rotated = testMetadataKeys(`${NEXT_METADATA_KEY},${METADATA_KEY}`);
  const after = mainOf(customer(), rotated);
  expect(after.metadata['pixdock-sealed']).toMatch(/^next\./);
  for (const main of [before, after]) expect(read(main, rotated).outcome).toBe('image');
  expect(read(before, testMetadataKeys(NEXT_METADATA_KEY))).toEqual({ outcome: 'sealed', keyId: 'test' });
});

test('fits into the 8 KB of metadata that OSS allows with the largest fields', () => {
  const names = Array.from({ length: MAX_VARIANTS - 1 }, (_, at) => `v${at}-`.padEnd(32, 'x'));
  // Each takes 6 bytes of JSON.
  const externalId = '\u0001'.repeat(EXTERNAL_ID_MAX_LENGTH);
  const largest = {
    owner: 'o'.repeat(64),
    profile: 'p'.repeat(32),
    externalId,
    version: 2 ** 52,
    run: 2 ** 31,
  };
  const record = changedRecord(testRecord(), { ...largest, ...ITEM, row: 2 ** 31 });
  const variants = variantsOf(record, ['main', ...names]);
  for (const variant of Object.values(variants))
    Object.assign(variant, { width: 30_000, height: 30_000, bytes: 20 * 1024 ** 2 });
  const keys = testMetadataKeys(METADATA_KEY.replace('test', 'k'.repeat(32)));
  const metadata = toObjectMeta(
    keys,
    record,
    { width: 65_535, height: 65_535, frames: 500 },
    variants,
    'f'.repeat(12),
  );
  const text = Object.entries(metadata)
    .map(([name, value]) => `x-oss-meta-${name}${value}`)
    .join('');
  expect(text).toMatch(/^[!-~]+$/);
  expect(text.length).toBeLessThan(8 * 1024);
  const main = { key: variants.main?.key ?? '', metadata };
  expect(fromObjectMeta(keys, main, [PREFIX], publicUrl)).toMatchObject({ image: { variants, externalId } });
});
