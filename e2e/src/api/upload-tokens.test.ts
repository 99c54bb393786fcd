import { join } from 'node:path';
import type { UploadToken } from '@pixdock/contract/upload-token';
import { addKey, generateKey, revokeKey } from '@pixdock/shared/state/keys/key-file';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, OTHER, until, untilServed, upload } from '../harness/client.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { readOperations } from '../security/contract.js';
import { jpegLike } from './support.js';

const SHOP = 'https://shop.example.com';
const EVIL = 'https://evil.example.com';

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly({ CORS_ORIGINS: SHOP });
});
afterAll(() => stack.stop());

const BYTES = jpegLike(5000);
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function newToken(body: object = {}, headers: Record<string, string> = {}) {
  const init = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  };
  const created = await ask<UploadToken>(stack, '/v1/upload-tokens', init);
  expect(created.status).toBe(201);
  return created.body;
}

test('submits images and reads exactly these', async () => {
  const { token, ...rights } = await newToken({ maxCount: 2, profile: 'compact', expiresInSeconds: 60 });
  expect(rights).toMatchObject({ maxCount: 2, profile: 'compact', maxBytes: 20 * 1024 ** 2, origins: null });
  expect(Date.parse(rights.expiresAt)).toBeLessThanOrEqual(Date.now() + 60_000);
  const own = await upload(stack, BYTES, { headers: bearer(token) });
  expect(own).toMatchObject({ status: 202, body: { owner: 'acme', profile: 'compact' } });
  const ofOwner = (await upload(stack, BYTES)).body.id;
  const other = await newToken();
  const ofOther = (await upload(stack, BYTES, { headers: bearer(other.token) })).body.id;
  // Without an answer from OSS within 1.5 s, an id that only a bucket may have is a 503.
  const read = (id: string, headers = bearer(token)) =>
    untilServed(() => ask(stack, `/v1/images/${id}?wait=1`, { headers }));
  expect(await read(own.body.id)).toMatchObject({ status: 200, body: { id: own.body.id } });
  for (const id of [ofOwner, ofOther]) {
    const { status, body } = await read(id);
    const unknown = await read(`img_${'0'.repeat(32)}`);
    expect([status, body.code, body.detail]).toEqual([404, unknown.body.code, unknown.body.detail]);
  }
  expect((await ask(stack, `/v1/images/${own.body.id}`)).status).toBe(200);
  expect((await read(own.body.id, OTHER)).status).toBe(404);
});

test('may do nothing else', async () => {
  const { token } = await newToken();
  const { id } = (await upload(stack, BYTES, { headers: bearer(token) })).body;
  const reads = ['/v1/images/{id}', '/v1/images/{id}/events'];
  const uploads = [
    'POST /v1/uploads',
    ...['GET', 'HEAD', 'PATCH', 'DELETE'].map((one) => `${one} /v1/uploads/{id}`),
  ];
  const allowed = [
    'POST /v1/images',
    'POST /v1/images/{id}/sign',
    'POST /v1/direct-uploads',
    ...uploads,
    ...reads.flatMap((path) => [`GET ${path}`, `HEAD ${path}`]),
  ];
  const others = (await readOperations(stack)).filter(
    ({ name, needsKey }) => needsKey && !allowed.includes(name),
  );
  expect(others.length).toBeGreaterThan(10);
  for (const { method, path, name } of others) {
    const { status, body } = await ask(stack, path.replace('{id}', id), { method, headers: bearer(token) });
    expect(status, name).toBe(403);
    if (method !== 'HEAD') expect(body.detail, name).toContain('An upload token submits files');
  }
  expect((await ask(stack, `/v1/images/${id}`)).body.deleteRequestedAt).toBeNull();
});

test('ends with the key that made it', async () => {
  const file = join(stack.dataDir, 'keys.json');
  const key = generateKey();
  const stored = await addKey(file, key, { owner: 'acme', scopes: ['submit'], expiresAt: null });
  const { token } = await until('the key to be read', 5, () => newToken({}, bearer(key)).catch(() => null));
  expect((await upload(stack, BYTES, { headers: bearer(token) })).status).toBe(202);
  await revokeKey(file, stored.id);
  const refused = await until('the token to end', 5, async () => {
    const response = await upload(stack, BYTES, { headers: bearer(token) });
    return response.status === 401 ? response : null;
  });
  expect(refused.body).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining(stored.id) });
});

test('accepts no more uploads than its count, also at once, and counts no replay', async () => {
  const { token } = await newToken({ maxCount: 2 });
  const send = (key: string) =>
    upload(stack, BYTES, { headers: { ...bearer(token), 'Idempotency-Key': key } });
  const sent = await Promise.all(['1', '2', '3', '4'].map(send));
  const accepted = sent.filter(({ status }) => status === 202);
  expect(accepted).toHaveLength(2);
  const refused = sent.find(({ status }) => status !== 202);
  expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining('`maxCount`') } });
  const keyOfAccepted = String(sent.findIndex(({ status }) => status === 202) + 1);
  expect(await send(keyOfAccepted)).toMatchObject({ status: 202, body: { id: accepted[0]?.body.id } });
});

test('gives refused uploads back, as a client repeats them, and never more than it took', async () => {
  const { token } = await newToken({ maxCount: 2 });
  const headers = bearer(token);
  const broken = Buffer.from('no image');
  const refused = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      i % 2 === 0
        ? upload(stack, broken, { headers })
        : upload(stack, BYTES, { headers, fields: { sha256: '0'.repeat(64) } }),
    ),
  );
  // Above two at a time, a refused upload is refused for that.
  for (const { status } of refused) expect([403, 415, 422]).toContain(status);
  for (let i = 0; i < 4; i++) expect((await upload(stack, broken, { headers })).status).toBe(415);
  const sent = await Promise.all(Array.from({ length: 5 }, () => upload(stack, BYTES, { headers })));
  const statuses = sent.map(({ status }) => status).toSorted((a, b) => a - b);
  expect(statuses).toEqual([202, 202, 403, 403, 403]);
  expect((await upload(stack, broken, { headers })).status).toBe(403);
});

test('shares no Idempotency-Key with the owner or another token', async () => {
  const tokens = [await newToken(), await newToken()].map(({ token }) => bearer(token));
  const ids = await Promise.all(
    [{}, ...tokens].map(
      async (headers) =>
        (await upload(stack, BYTES, { headers: { ...headers, 'Idempotency-Key': 'shared' } })).body.id,
    ),
  );
  expect(new Set(ids).size).toBe(3);
});

test('bounds size and profile, and submits no URL', async () => {
  const { token, maxBytes } = await newToken({ maxBytes: 4000, profile: 'compact' });
  expect(maxBytes).toBe(4000);
  const headers = bearer(token);
  expect((await upload(stack, BYTES, { headers })).body.code).toBe('payload_too_large');
  const small = jpegLike(3000);
  expect((await upload(stack, small, { headers, fields: { profile: 'compact' } })).status).toBe(202);
  expect((await upload(stack, small, { headers, fields: { profile: 'default' } })).body).toMatchObject({
    code: 'forbidden',
    detail: expect.stringContaining('"compact"'),
  });
  const url = await ask(stack, '/v1/images', {
    method: 'POST',
    body: '{"url":"http://nowhere.invalid/a.jpg"}',
    headers: { ...headers, 'Content-Type': 'application/json' },
  });
  expect(url.body).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('no URLs') });
});

test('serves pages of its origins, and tells others why it refuses them', async () => {
  const { token } = await newToken({ origins: [SHOP] });
  const from = (origin: string | null) =>
    upload(stack, BYTES, { headers: { ...bearer(token), ...(origin !== null && { Origin: origin }) } });
  const accepted = await from(SHOP);
  expect(accepted.status).toBe(202);
  expect(accepted.headers.get('access-control-allow-origin')).toBe(SHOP);
  for (const origin of [EVIL, 'null', null]) {
    const refused = await from(origin);
    expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining(SHOP) } });
  }
  const read = (headers: Record<string, string>) =>
    ask(stack, `/v1/images/${accepted.body.id}`, { headers: { ...bearer(token), ...headers } });
  // Browsers send no Origin with a GET to the page's own origin.
  expect((await read({})).status).toBe(200);
  expect((await read({ Origin: EVIL })).status).toBe(403);
  await until('the refused origin in the log', 5, async () =>
    stack.api.output().includes(EVIL) ? true : null,
  );
});
