import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { describe, expect, it } from 'vitest';
import { fileOf, openStagingOnOss } from './testing/staging-on-oss.js';
import { faultOf, staticKey } from './testing/store-on-oss.js';

/** How long a call may take where OSS hangs; on a busy machine, one that does not hang takes up to a second. */
const HANG_MS = 1500;

const DIGITS = Buffer.from('0123456789');
const KEY = 'l/00/img_1/1';

describe.each(['virtual', 'cname', 'path'] as const)('%s addressing', (addressing) => {
  it('creates, reads, lists, appends and removes below the prefix', async () => {
    const { bucket, server } = await openStagingOnOss({ addressing });
    expect(bucket.place).toBe('oss://lab-staging/pixdock');
    expect(await bucket.create(KEY, DIGITS)).toBe('stored');
    expect(await bucket.append('u/data', 0, DIGITS)).toBe('appended');
    expect(await bucket.read(KEY)).toEqual(DIGITS);
    expect(await bucket.head(KEY)).toMatchObject({ bytes: 10, lastModified: expect.any(Date) });
    expect(await keysOf(bucket.list(''))).toEqual([KEY, 'u/data']);

    const whole = await openStagingOnOss({ endpoint: server.endpoint, prefix: '' });
    expect(whole.bucket.place).toBe('oss://lab-staging');
    expect(await keysOf(whole.bucket.list(''))).toEqual([`pixdock/${KEY}`, 'pixdock/u/data']);

    await bucket.remove([KEY]);
    await bucket.remove([KEY, 'u/data']);
    expect(await keysOf(whole.bucket.list(''))).toEqual([]);
  });
});

describe('read', () => {
  it.each([
    [{ from: 0, to: 3 }, '012'],
    [{ from: 2, to: 9 }, '2345678'],
    [{ from: 0, to: 10 }, '0123456789'],
    [{ from: 8, to: 100 }, '89'],
    [{ from: 9, to: Number.MAX_SAFE_INTEGER }, '9'],
    [{ from: 10, to: 20 }, ''],
    [{ from: 50, to: 60 }, ''],
    [{ from: 3, to: 3 }, ''],
  ])('returns the bytes of %o', async (range, text) => {
    const { bucket, notices } = await openStagingOnOss();
    await bucket.create(KEY, DIGITS);
    await bucket.create('empty', Buffer.alloc(0));
    expect(String(await bucket.read(KEY, range))).toBe(text);
    expect(await bucket.read('empty', range)).toEqual(Buffer.alloc(0));
    expect(await bucket.read('missing', range)).toBe(null);
    expect(notices).toEqual([]);
  });

  it('returns an empty object, and null for one that does not exist', async () => {
    const { bucket } = await openStagingOnOss();
    await bucket.create(KEY, Buffer.alloc(0));
    expect(await bucket.read(KEY)).toEqual(Buffer.alloc(0));
    expect(await bucket.read('missing')).toBe(null);
    expect(await bucket.head('missing')).toBe(null);
  });

  it.each([
    { type: 'html', status: 200 },
    { type: 'html', status: 206 },
    { type: 'cut', status: 200 },
    { type: 'reset' },
    { type: 'hang' },
  ])('tries again after $type $status', async (action) => {
    const { bucket, fault, notices } = await openStagingOnOss({}, {}, HANG_MS);
    await bucket.create(KEY, DIGITS);
    for (const range of [undefined, { from: 1, to: 4 }]) {
      await fault({ operation: 'GetObject', count: 1, action });
      expect(await bucket.read(KEY, range)).toEqual(DIGITS.subarray(range?.from, range?.to));
    }
    const retry = { operation: 'read', facts: { kind: 'transient' } };
    expect(notices).toMatchObject([retry, retry]);
  });
});

describe('list and remove', () => {
  it('lists keys that sort after another', async () => {
    const { bucket } = await openStagingOnOss();
    for (const key of ['b/2', 'a/1', 'b/1', 'b/3', 'c/1']) await bucket.create(key, DIGITS);
    expect(await keysOf(bucket.list('b/'))).toEqual(['b/1', 'b/2', 'b/3']);
    expect(await keysOf(bucket.list('b/', 'b/1'))).toEqual(['b/2', 'b/3']);
    expect(await keysOf(bucket.list('', 'b/2'))).toEqual(['b/3', 'c/1']);
  });

  it('lists and removes more objects than one request does', async () => {
    const { bucket, calls } = await openStagingOnOss();
    const keys = Array.from({ length: 1500 }, (_, n) => `o/${String(n).padStart(4, '0')}`);
    // A busy machine does not open hundreds of sockets in time.
    await inGroups(keys, async (key) => void (await bucket.create(key, Buffer.alloc(0))));
    expect(await keysOf(bucket.list(''))).toEqual(keys);
    await bucket.remove([...keys, 'o/missing']);
    expect(await keysOf(bucket.list(''))).toEqual([]);
    expect(calls.filter(({ operation }) => operation === 'remove')).toHaveLength(2);
  });

  it('removes keys with any characters, and sends nothing without keys', async () => {
    const { bucket, calls } = await openStagingOnOss();
    await bucket.remove([]);
    expect(calls).toEqual([]);
    const keys = [`a b&<c>'"`, '图/+%20.jpg', 'other'];
    for (const key of keys) await bucket.create(key, DIGITS);
    await bucket.remove(keys.slice(0, 2));
    expect(await keysOf(bucket.list(''))).toEqual(['other']);
  });

  it('tries again after the page of a proxy', async () => {
    const { bucket, fault, notices } = await openStagingOnOss();
    for (const key of ['a', 'b', 'c']) await bucket.create(key, DIGITS);
    await fault({ operation: 'DeleteMultipleObjects', count: 1, action: { type: 'html', status: 200 } });
    await bucket.remove(['a', 'b']);
    await fault({ operation: 'DeleteObject', count: 1, action: { type: 'html', status: 200 } });
    await bucket.remove(['c']);
    expect(await keysOf(bucket.list(''))).toEqual([]);
    expect(notices).toHaveLength(2);
  });
});

describe('copy', () => {
  it('copies an object once, and none that is missing', async () => {
    const { bucket } = await openStagingOnOss();
    await bucket.create(KEY, DIGITS);
    expect(await bucket.copy(KEY, 'copy')).toBe('copied');
    expect(await bucket.copy(KEY, 'copy')).toBe('exists');
    expect(await bucket.copy('missing', 'other')).toBe('missing');
    expect(await bucket.read('copy')).toEqual(DIGITS);
  });
});

describe('signForm', () => {
  const post = async (form: { url: string; fields: Record<string, string> }, text: string, changes = {}) => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ ...form.fields, ...changes })) body.append(name, value);
    body.append('file', new Blob([text]), 'a.jpg');
    return (await fetch(form.url, { method: 'POST', body })).status;
  };

  it('lets a client put one object of the allowed size under its key', async () => {
    const { bucket } = await openStagingOnOss();
    const form = await bucket.signForm(KEY, 10);
    expect(form.expiresAt.getTime() - Date.now()).toBeGreaterThan(14 * 60_000);
    expect(await post(form, '0123456789+')).toBe(400);
    expect(await post(form, '')).toBe(400);
    expect(await post(form, '0123456789', { key: 'pixdock/other' })).toBe(403);
    expect(await post(form, '0123456789', { 'x-oss-forbid-overwrite': 'false' })).toBe(403);
    expect(await post(form, '0123456789')).toBe(204);
    expect(await post(form, 'other')).toBe(409);
    expect(await bucket.read(KEY)).toEqual(DIGITS);
  });

  it('signs with a temporary key', async () => {
    const credentials = { ...staticKey(), securityToken: 'tok' };
    const { bucket } = await openStagingOnOss({ credentials }, { securityToken: 'tok' });
    const form = await bucket.signForm(KEY, 10);
    expect(form.expiresAt.getTime() - Date.now()).toBeLessThan(14.1 * 60_000);
    expect(await post(form, '0123456789')).toBe(204);
  });
});

describe('append', () => {
  it('appends where the object ends, and nowhere else', async () => {
    const { bucket, notices } = await openStagingOnOss();
    expect(await bucket.append(KEY, 1, DIGITS)).toBe('elsewhere');
    expect(await bucket.head(KEY)).toBe(null);
    expect(await bucket.append(KEY, 0, DIGITS)).toBe('appended');
    // Even if it has these bytes there: only this call may have put them.
    for (const position of [0, 9, 11]) expect(await bucket.append(KEY, position, DIGITS)).toBe('elsewhere');
    expect(await bucket.append(KEY, 10, DIGITS)).toBe('appended');
    expect(await bucket.read(KEY)).toEqual(Buffer.concat([DIGITS, DIGITS]));
    expect(notices).toEqual([]);
  });

  it.each([
    ['a lost response', { when: 'after', action: { type: 'reset' } }],
    ['a response that never comes', { when: 'after', action: { type: 'hang' } }],
    ['the page of a proxy', { when: 'after', action: { type: 'html', status: 200 } }],
    ['the page of a proxy, and no append', { action: { type: 'html', status: 200 } }],
    ['a reset before the append', { action: { type: 'reset' } }],
  ])('appends once after %s', async (_name, rule) => {
    const { bucket, fault, notices } = await openStagingOnOss({}, {}, HANG_MS);
    for (const position of [0, 10]) {
      await fault({ operation: 'AppendObject', count: 1, ...rule });
      expect(await bucket.append(KEY, position, DIGITS)).toBe('appended');
    }
    expect(await bucket.read(KEY)).toEqual(Buffer.concat([DIGITS, DIGITS]));
    const retry = { notice: 'retry', operation: 'append' };
    expect(notices).toMatchObject([retry, retry]);
  });

  it('recognizes that others appended before a retry', async () => {
    const { bucket, fault } = await openStagingOnOss();
    await bucket.append(KEY, 0, Buffer.from('from others'));
    await fault({ operation: 'AppendObject', count: 1, action: { type: 'reset' } });
    expect(await bucket.append(KEY, 0, DIGITS)).toBe('elsewhere');
  });

  it('does not append to an object that a put made', async () => {
    const { bucket } = await openStagingOnOss();
    await bucket.create(KEY, DIGITS);
    expect((await faultOf(bucket.append(KEY, 10, DIGITS))).facts).toMatchObject({
      kind: 'rejected',
      code: 'ObjectNotAppendable',
    });
  });
});

describe('every call', () => {
  type Bucket = Awaited<ReturnType<typeof openStagingOnOss>>['bucket'];
  const callsOf = (bucket: Bucket, key = KEY, signal?: AbortSignal) => ({
    put: () => bucket.create(`${key}/1`, fileOf(DIGITS).body, signal),
    append: () => bucket.append(key, 0, DIGITS, signal),
    read: () => bucket.read(key, { from: 0, to: 3 }, signal),
    head: () => bucket.head(key, signal),
    list: () => keysOf(bucket.list('', null, signal)),
    remove: () => bucket.remove([key, `${key}/2`], signal),
  });

  it('corrects the clock', async () => {
    const { bucket, notices } = await openStagingOnOss({}, { now: () => Date.now() + 3600_000 });
    expect(await bucket.create(KEY, fileOf(DIGITS).body)).toBe('stored');
    expect(notices).toMatchObject([{ notice: 'clock-corrected' }, { notice: 'retry' }]);
    for (const call of Object.values(callsOf(bucket, 'a'))) await call();
    expect(notices).toHaveLength(2);
  });

  it('reports a wrong key as a configuration fault', async () => {
    const { bucket } = await openStagingOnOss({ credentials: staticKey({ accessKeySecret: 'other' }) });
    for (const [operation, call] of Object.entries(callsOf(bucket)))
      expect(await faultOf(call())).toMatchObject({
        operation,
        facts: { kind: 'configuration', code: 'SignatureDoesNotMatch' },
      });
  });

  it('names the missing RAM action', async () => {
    const { bucket, fault } = await openStagingOnOss();
    await fault({ action: { type: 'error', status: 403, code: 'AccessDenied' } });
    const actions = {
      put: 'PutObject',
      append: 'PutObject',
      read: 'GetObject',
      head: 'GetObject',
      list: 'ListObjects',
      remove: 'DeleteObject',
    };
    for (const [operation, call] of Object.entries(callsOf(bucket))) {
      const { facts } = await faultOf(call());
      expect(facts.fix.en).toContain(`Allow oss:${Object(actions)[operation]} `);
    }
  });

  it('gives up after four tries', async () => {
    const { bucket, fault, faultRules } = await openStagingOnOss();
    await fault({ action: { type: 'error', status: 500, code: 'InternalError' } });
    for (const call of Object.values(callsOf(bucket)))
      expect((await faultOf(call())).facts).toMatchObject({ kind: 'transient', code: 'InternalError' });
    expect(await faultRules()).toMatchObject({ rules: [{ fired: 6 * 4 }] });
  });

  it('ends with the reason of its signal', async () => {
    const { bucket, fault } = await openStagingOnOss();
    await fault({ action: { type: 'hang' } });
    const controller = new AbortController();
    const calls = Object.values(callsOf(bucket, KEY, controller.signal)).map((call) => call());
    const reason = new Error('stopped');
    setTimeout(() => controller.abort(reason), 100);
    const startedAt = Date.now();
    const ended = await Promise.allSettled(calls);
    expect(Date.now() - startedAt).toBeLessThan(HANG_MS);
    expect(ended).toEqual(calls.map(() => ({ status: 'rejected', reason })));
  });

  it('rejects keys that OSS does not accept', async () => {
    const { bucket, calls } = await openStagingOnOss();
    const { list: _, ...withKey } = callsOf(bucket, 'a/../b');
    for (const call of Object.values(withKey))
      expect((await faultOf(call())).facts).toMatchObject({ code: 'InvalidObjectName' });
    expect(calls).toEqual([]);
  });
});

async function keysOf(objects: AsyncIterable<{ key: string }>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects) keys.push(key);
  return keys;
}
