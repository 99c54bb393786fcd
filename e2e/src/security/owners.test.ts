import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { SCOPES, type Scope } from '@pixdock/contract/scope';
import { addKey, generateKey } from '@pixdock/shared/state/keys/key-file';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addFault, clearFaults, listKeys } from '../harness/bucket.js';
import { ask, OTHER, until, untilFinal, untilServed, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';
import {
  addEndpoint,
  addUpload,
  hasParameter,
  type Operation,
  pathWith,
  readOperations,
} from './contract.js';

const ZEROS = '0'.repeat(32);
const UNKNOWN = {
  '/v1/images/': `img_${ZEROS}`,
  '/v1/batches/': `bat_${ZEROS}`,
  '/v1/uploads/': `upl_${ZEROS}`,
  '/v1/webhooks/endpoints/': `whe_${ZEROS}`,
  '/v1/webhooks/deliveries/': `msg_${ZEROS}`,
  '/v1/webhooks/recover/': `whr_${ZEROS}`,
  '/v1/failures/retry/': `frt_${ZEROS}`,
};
/** The inputs of an operation that no owner owns. */
const OPEN = ['/v1/errors/'];

let stack: Stack;
let all: Operation[];
let operations: Operation[];
let picture: Buffer;
let published: Image;
let failed: Image;
let batch: Batch;
/** A key of another owner that may use every route but those of the operator. */
let theirKey: { Authorization: string };
/** Ids of acme, by the path before them. */
let ownIds: Record<string, string>;
beforeAll(async () => {
  stack = await startStack();
  picture = await photo(200, 150);
  // Before the images end, so that their events become deliveries.
  const endpoint = await addEndpoint(stack);
  const [good, bad] = await Promise.all([
    upload(stack, picture, { fields: { externalId: 'mine' } }),
    upload(stack, picture.subarray(0, -400)),
  ]);
  const rows = ['1', '2'].map((row) => ({ url: `http://nowhere.invalid/${row}.jpg`, externalId: row }));
  const body = JSON.stringify({ items: rows });
  const headers = { 'Content-Type': 'application/json' };
  batch = (await ask<Batch>(stack, '/v1/batches', { method: 'POST', body, headers })).body;
  [published, failed] = await Promise.all([untilFinal(stack, good.body.id), untilFinal(stack, bad.body.id)]);
  expect([published.status, failed.status]).toEqual(['published', 'failed']);
  const idAt = async (path: string, content: string) =>
    (await ask<{ id: string }>(stack, path, { method: 'POST', body: content, headers })).body.id;
  const delivery = await until('a delivery', 30, async () => {
    const { body: page } = await ask<{ items: { id: string }[] }>(stack, '/v1/webhooks/deliveries');
    return page.items[0] ?? null;
  });
  ownIds = {
    '/v1/batches/': batch.id,
    '/v1/uploads/': await addUpload(stack),
    '/v1/webhooks/endpoints/': endpoint.id,
    '/v1/webhooks/deliveries/': delivery.id,
    '/v1/webhooks/recover/': await idAt('/v1/webhooks/recover', '{"since":"2026-01-01T00:00:00Z"}'),
    '/v1/failures/retry/': await idAt('/v1/failures/retry', '{"code":"storage_denied"}'),
  };
  theirKey = await addedKey(
    'other',
    SCOPES.filter((scope) => scope !== 'admin'),
  );
  all = await readOperations(stack);
  operations = all.filter(
    (operation) => hasParameter(operation) && !OPEN.some((path) => operation.path.startsWith(path)),
  );
});
afterEach(() => clearFaults(stack));
afterAll(() => stack.stop());

/** Adds a key to the file of the running service, and waits until it is known. */
async function addedKey(owner: string, scopes: readonly Scope[]): Promise<{ Authorization: string }> {
  const key = generateKey();
  await addKey(join(stack.dataDir, 'keys.json'), key, { owner, scopes: [...scopes], expiresAt: null });
  const headers = { Authorization: `Bearer ${key}` };
  await until('the API to know the key', 5, async () => {
    const { status } = await ask(stack, '/v1/images', { headers });
    return status === 401 ? null : status;
  });
  return headers;
}

/** A response without its time and the number of remaining requests. */
async function asked({ method, path }: Operation, ids: Record<string, string>, query = '') {
  const conditions = { Prefer: 'wait=1', 'If-None-Match': '"1"', 'Tus-Resumable': '1.0.0' };
  const headers = { ...theirKey, ...conditions, 'X-Request-Id': 'same' };
  const response = await ask(stack, `${pathWith(path, ids)}${query}`, { method, headers });
  const kept = [...response.headers].filter(([name]) => name !== 'date' && name !== 'ratelimit');
  return { status: response.status, headers: kept, body: response.body };
}

const mine = async () => ({
  images: (await ask<{ items: Image[] }>(stack, '/v1/images')).body.items,
  keys: await listKeys(stack),
  batch: { ...(await ask<Batch>(stack, `/v1/batches/${batch.id}`)).body, itemsPerSecond: 0, etaSeconds: 0 },
});

test("responds to another owner's ids as to unknown ids, on every route", async () => {
  expect(operations.length).toBeGreaterThan(10);
  const before = await mine();
  for (const operation of operations)
    for (const image of [published, failed]) {
      // Without an answer from OSS within 1.5 s, an id that only a bucket may have is a 503.
      const asksFor = (ids: Record<string, string>) => untilServed(() => asked(operation, ids));
      const theirs = await asksFor({ ...ownIds, '/v1/images/': image.id });
      expect(theirs.status, operation.name).toBe(404);
      expect(theirs, operation.name).toEqual(await asksFor(UNKNOWN));
    }
  expect(await mine()).toEqual(before);
});

test('does so while OSS is unavailable, too', async () => {
  await addFault(stack, { action: { type: 'reset' } });
  const read = operations.find(({ name }) => name === 'GET /v1/images/{id}');
  if (read === undefined) throw new Error('no such route');
  const theirs = await asked(read, { '/v1/images/': published.id });
  expect(theirs).toEqual(await asked(read, UNKNOWN));
});

test('lists, filters, pages and looks up nothing of another owner', async () => {
  const { body } = await ask<{ next: string }>(stack, '/v1/images?limit=1');
  const empty = { items: [] };
  for (const path of [
    '/v1/images',
    '/v1/batches',
    `/v1/images?cursor=${body.next}`,
    '/v1/images?externalId=mine',
    '/v1/images?status=published',
    '/v1/images?code=image_truncated',
    '/v1/images?since=2020-01-01T00:00:00Z',
    '/v1/failures',
    `/v1/images?batchId=${batch.id}`,
    `/v1/images?batchId=${batch.id}&cursor=${body.next}`,
  ])
    expect((await ask(stack, path, { headers: OTHER })).body, path).toEqual(empty);
  const sha256 = createHash('sha256').update(picture).digest('hex');
  const lookup = (headers: Record<string, string>) =>
    ask<{ items: Image[] }>(stack, '/v1/images/lookup', {
      method: 'POST',
      body: JSON.stringify({ sha256: [sha256] }),
      headers: { ...headers, 'Content-Type': 'application/json' },
    });
  expect((await lookup({})).body.items).toHaveLength(1);
  expect((await lookup(OTHER)).body).toEqual(empty);
});

/** Operations that change nothing, or only submit: the images themselves tell of these. */
const UNAUDITED = [
  'submitImage',
  'submitBatch',
  'previewSheet',
  'createUpload',
  'appendToUpload',
  'findImages',
];
const BODIES: Record<string, object> = {
  createUploadToken: { maxCount: 2 },
  createWebhookEndpoint: { url: 'https://shop.example.com/13800138000', events: [] },
  recoverWebhooks: { since: '2027-01-31T00:00:00Z' },
};
interface AuditLine {
  action: string;
  outcome: string;
  status: number;
  object: string | null;
  requestId: string;
}

function trail(): AuditLine[] {
  const folder = join(stack.dataDir, 'audit');
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  return files.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

const lineOf = (requestId: string) =>
  until(
    `the audit trail to have ${requestId}`,
    5,
    async () => trail().find((line) => line.requestId === requestId) ?? null,
  );

test('has a line in the audit trail for each change, also for one that is refused', async () => {
  const ids: Record<string, string> = { ...ownIds, '/v1/images/': failed.id };
  const isChange = ({ method, operationId }: Operation) =>
    !['GET', 'HEAD'].includes(method) && !UNAUDITED.includes(operationId);
  const changes = all.filter(isChange);
  const deletesLast = changes.toSorted(
    (a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'),
  );
  expect(changes.length).toBeGreaterThan(12);
  const forbidden = await addedKey('acme', ['admin']);
  const done: string[] = [];
  for (const { method, path, operationId: action } of deletesLast) {
    const send = (requestId: string, own: Record<string, string>) =>
      ask<{ id?: string }>(stack, hasParameter({ path }) ? pathWith(path, ids) : path, {
        method,
        headers: {
          'Content-Type': 'application/json',
          'Tus-Resumable': '1.0.0',
          'X-Request-Id': requestId,
          ...own,
        },
        ...(method === 'POST' && { body: JSON.stringify(BODIES[action] ?? {}) }),
      });
    const object = hasParameter({ path })
      ? pathWith(path, ids).split('/')[path.split('/').indexOf('{id}')]
      : null;
    const common = { action, owner: 'acme', address: '127.0.0.1', user: null };
    expect((await send(`${action}-forbidden`, forbidden)).status).toBe(403);
    const wanted = { ...common, outcome: 'refused', status: 403, object };
    expect(await lineOf(`${action}-forbidden`)).toMatchObject(wanted);
    const { status, body } = await send(action, {});
    const line = await lineOf(action);
    const outcome = status < 400 ? 'done' : 'refused';
    expect(line).toMatchObject({
      ...common,
      status,
      outcome,
      keyId: expect.stringMatching(/^key_[0-9a-f]{12}$/),
    });
    if (outcome === 'done') expect(line.object, action).toBe(object ?? body.id);
    if (outcome === 'done') done.push(action);
    if (action === 'testWebhookEndpoint') ids['/v1/webhooks/deliveries/'] = body.id ?? '';
  }
  expect(done.length).toBeGreaterThan(11);
  expect(JSON.stringify(trail())).not.toMatch(/13800138000|mine|shop\.example/);
});

test('writes nothing of a path but an id into the audit trail', async () => {
  const headers = { 'X-Request-Id': 'a-number' };
  const { status } = await ask(stack, '/v1/images/13900139000', { method: 'DELETE', headers });
  expect(status).toBe(404);
  expect(await lineOf('a-number')).toMatchObject({ action: 'deleteImage', status: 404, object: null });
});
