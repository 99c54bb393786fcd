import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fileOf, openStagingOnOss } from './testing/staging-on-oss.js';
import { faultOf } from './testing/store-on-oss.js';

/** How long a call may take where OSS hangs; on a busy machine, one that does not hang takes up to a second. */
const HANG_MS = 1500;

const DIGITS = Buffer.from('0123456789');
const KEY = 'l/00/img_1/1';

it('never changes an object', async () => {
  const { bucket } = await openStagingOnOss();
  await bucket.create(KEY, DIGITS);
  expect(await bucket.create(KEY, Buffer.from('other'))).toBe('exists');
  expect(await bucket.create(KEY, DIGITS)).toBe('stored');
  expect(await bucket.read(KEY)).toEqual(DIGITS);
});

it('stores one of many bodies that compete for a key', async () => {
  const { bucket } = await openStagingOnOss();
  const bodies = Array.from({ length: 20 }, (_, n) => Buffer.from(`#${n}`));
  const outcomes = await Promise.all(bodies.map((body) => bucket.create(KEY, body)));
  expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
  expect(await bucket.read(KEY)).toEqual(bodies[outcomes.indexOf('stored')]);
});

describe.each([
  ['a buffer', () => ({ body: DIGITS, streams: [] })],
  ['a file', () => fileOf(DIGITS)],
])('of %s', (_name, make) => {
  it.each([
    ['a lost response', { when: 'after', action: { type: 'reset' } }],
    ['a response that never comes', { when: 'after', action: { type: 'hang' } }],
    ['the page of a proxy', { when: 'after', action: { type: 'html', status: 200 } }],
    ['the page of a proxy, and no put', { action: { type: 'html', status: 200 } }],
    ['a reset before the put', { action: { type: 'reset' } }],
    ['a late put', { action: { type: 'late', ms: 1 } }],
    ['a body that was damaged', { action: { type: 'error', status: 400, code: 'InvalidDigest' } }],
  ])('stores the bytes once after %s', async (_case, rule) => {
    const { bucket, fault, notices } = await openStagingOnOss({}, {}, HANG_MS);
    await fault({ operation: 'PutObject', count: 1, ...rule });
    const { body, streams } = make();
    expect(await bucket.create(KEY, body)).toBe('stored');
    expect(notices).toMatchObject([{ notice: 'retry', operation: 'put' }]);
    expect(await bucket.read(KEY)).toEqual(DIGITS);
    expect(streams).toHaveLength(body === DIGITS ? 0 : 2);
    await vi.waitFor(() => expect(streams.every(({ destroyed }) => destroyed)).toBe(true));
  });

  it('looks at the object when the ETag is wrong', async () => {
    const { bucket, fault } = await openStagingOnOss();
    await fault({ operation: 'PutObject', action: { type: 'wrong-etag' } });
    expect(await bucket.create(KEY, make().body)).toBe('stored');
    await fault({ operation: 'HeadObject', action: { type: 'wrong-etag' } });
    const { facts } = await faultOf(bucket.create('other', make().body));
    expect(facts).toMatchObject({ kind: 'transient', code: 'NotFromOss' });
  });
});

it('stores files, also those without bytes', async () => {
  const { bucket } = await openStagingOnOss();
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(3_000_000, 7)]) {
    expect(await bucket.create(`${bytes.length}`, fileOf(bytes).body)).toBe('stored');
    expect(await bucket.read(`${bytes.length}`)).toEqual(bytes);
  }
});

it('has OSS check the bytes of a file', async () => {
  const { bucket } = await openStagingOnOss();
  const { body } = fileOf(DIGITS);
  const call = bucket.create(KEY, { ...body, md5: hash('md5', 'other') });
  expect((await faultOf(call)).facts).toMatchObject({ code: 'InvalidDigest' });
  expect(await bucket.head(KEY)).toBe(null);
});

it.each<[string, RegExp, () => Readable]>([
  ['cannot be opened', /EMFILE/, () => raise('EMFILE')],
  ['cannot be read', /EIO/, () => brokenAfter('01234', 'EIO')],
  ['is shorter than announced', /10 bytes/, () => Readable.from([Buffer.from('012345678')])],
  ['is longer than announced', /10 bytes/, () => Readable.from([DIGITS, DIGITS])],
])('throws, without another try, if a file %s', async (_name, message, open) => {
  // ali-oss says there that the request failed twice.
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const { bucket, notices } = await openStagingOnOss();
  await expect(bucket.create(KEY, { ...fileOf(DIGITS).body, open })).rejects.toThrow(message);
  expect(notices).toEqual([]);
  expect(await bucket.head(KEY)).toBe(null);
});

function brokenAfter(text: string, message: string): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.from(text);
      raise(message);
    })(),
  );
}

function raise(message: string): never {
  throw new Error(message);
}
