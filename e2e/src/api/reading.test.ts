import { setTimeout as sleep } from 'node:timers/promises';
import type { Image } from '@pixdock/contract/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, OTHER, until, upload } from '../harness/client.js';
import { openRaw, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { jpegLike } from './support.js';

let stack: Stack;
let image: Image;
beforeAll(async () => {
  stack = await startApiOnly();
  image = (await upload(stack, BYTES)).body;
});
afterAll(() => stack.stop());

const BYTES = jpegLike(5000);
const read = (headers: Record<string, string> = {}, id = image.id) =>
  ask(stack, `/v1/images/${id}`, { headers });

describe('GET of an image', () => {
  test.each([
    ['wait=0', '"1"', 304, 'wait=0'],
    ['wait=1', '"1"', 304, 'wait=1'],
    ['respond-async, wait="1"', '"1"', 304, 'wait=1'],
    ['wait=1; x=y', null, 200, 'wait=1'],
    ['wait=9999', '"2"', 200, 'wait=60'],
    ['wait=99999999999999999999', '"2"', 200, 'wait=60'],
    ['wait=-1', null, 400, null],
    ['wait=soon', null, 400, null],
  ])('responds to Prefer: %s with If-None-Match %j with %i', async (prefer, tag, status, applied) => {
    const began = performance.now();
    const response = await read({ Prefer: prefer, ...(tag === null ? {} : { 'If-None-Match': tag }) });
    expect(response.status).toBe(status);
    expect(response.headers.get('preference-applied')).toBe(applied);
    const seconds = (performance.now() - began) / 1000;
    if (applied === 'wait=1') expect(seconds).toBeGreaterThan(0.95);
    expect(seconds).toBeLessThan(20);
  });

  test('ends a wait with the change', async () => {
    const { id } = (await upload(stack, BYTES)).body;
    const changed = read({ Prefer: 'wait=30', 'If-None-Match': '"1"' }, id);
    await sleep(200);
    const began = performance.now();
    await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
    expect(await changed).toMatchObject({ status: 200, body: { version: 2 } });
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('ends a wait when its client disconnects', async () => {
    const connection = await openRaw(stack.api.url);
    const requestId = 'the-one-that-leaves';
    const headers = { Prefer: 'wait=30', 'X-Request-Id': requestId };
    await connection.send(requestHead('GET', `/v1/images/${image.id}`, headers));
    await sleep(200);
    expect(stack.api.output()).not.toContain(requestId);
    connection.socket.destroy();
    await until('the request to end', 20, async () => (stack.api.output().includes(requestId) ? true : null));
  });

  test('lets many requests wait for one image', async () => {
    const waits = Array.from({ length: 200 }, () => read({ Prefer: 'wait=1' }));
    expect((await Promise.all(waits)).every(({ status }) => status === 200)).toBe(true);
  });
});

describe('the list', () => {
  const list = (query: string, headers = {}) =>
    ask<{ items: Image[]; next?: string }>(stack, `/v1/images${query}`, { headers });

  test('returns each image on one page, newest first', async () => {
    const uploads = Array.from({ length: 25 }, () =>
      upload(stack, BYTES, { fields: { externalId: 'paged' } }),
    );
    const ids = (await Promise.all(uploads)).map(({ body }) => body.id);
    const seen: Image[] = [];
    let query = '?externalId=paged&limit=10';
    for (const length of [10, 10, 5]) {
      const { status, body } = await list(query);
      expect([status, body.items.length]).toEqual([200, length]);
      seen.push(...body.items);
      expect(body.next === undefined).toBe(length === 5);
      query = `?externalId=paged&limit=10&cursor=${body.next}`;
    }
    expect(seen.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    const times = seen.map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted().toReversed());
    expect((await list('?externalId=paged&limit=25')).body).not.toHaveProperty('next');
  });

  test('searches by the beginning of a name, in the order of the names', async () => {
    for (const externalId of ['find-2', 'FIND-10', 'find-1'])
      expect(
        (await upload(stack, BYTES, { filename: `Photo ${externalId}.jpg`, fields: { externalId } })).status,
      ).toBe(202);
    const first = (await list('?externalIdPrefix=find-&limit=2')).body;
    const next = (await list(`?externalIdPrefix=find-&limit=2&cursor=${first.next}`)).body;
    expect([...first.items, ...next.items].map(({ externalId }) => externalId)).toEqual([
      'find-1',
      'FIND-10',
      'find-2',
    ]);
    expect(next).not.toHaveProperty('next');
    expect((await list('?filenamePrefix=photo%20FIND-1')).body.items).toHaveLength(2);
    expect((await list('?externalIdPrefix=find-', OTHER)).body).toEqual({ items: [] });
    const foreign = await list(`?externalIdPrefix=other&cursor=${first.next}`);
    expect([foreign.status, foreign.body]).toMatchObject([
      400,
      { detail: expect.stringContaining('cursor') },
    ]);
  });

  test('applies filters', async () => {
    const statuses = (await list('?status=queued&limit=100')).body.items.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(['queued']));
    expect((await list('?status=published')).body).toEqual({ items: [] });
    expect((await list('?externalId=nobody')).body).toEqual({ items: [] });
    expect((await list('?batchId=none')).body).toEqual({ items: [] });
    expect((await list('?externalId=paged', OTHER)).body).toEqual({ items: [] });
  });

  test.each([
    '?limit=1.5',
    '?limit=',
    '?status=',
    '?cursor=',
    '?cursor=%00',
    '?__proto__=1',
    '?constructor=1',
    `?cursor=${Buffer.from('1 img_x').toString('base64url')}`,
    `?cursor=${'x'.repeat(700)}`,
  ])('refuses %s', async (query) => {
    const { status, body } = await list(query);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });
});

test.each([
  'x',
  'img_',
  `IMG_${'0'.repeat(32)}`,
  `img_${'0'.repeat(33)}`,
  '..%2f..%2fetc',
  '%00',
  'img_%F0',
  '*',
])('does not find the id %s', async (id) => {
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/retry'],
  ] as const) {
    const { status, body } = await ask(stack, `/v1/images/${id}${path}`, { method });
    expect([status, body.code]).toEqual([404, 'not_found']);
  }
});
