import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addKey, generateKey, revokeKey } from '@pixdock/shared/state/keys/key-file';
import { lastUseOf } from '@pixdock/shared/state/keys/key-uses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jpegLike } from '../api/support.js';
import { ask, until, untilServed, upload } from '../harness/client.js';
import { SOURCE_AUTHORIZATION } from '../harness/leaks.js';
import { startService } from '../harness/processes.js';
import { rawRequest, requestHead } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import { addEndpoint } from './contract.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly();
});
afterAll(() => stack.stop());

const statusWith = async (key: string, path = '/v1/images') =>
  (await untilServed(() => ask(stack, path, { headers: { Authorization: `Bearer ${key}` } }))).status;

const refusalOf = async (authorization: string | null) => {
  const head = requestHead('GET', '/v1/images', {
    'X-Request-Id': 'same',
    Authorization: authorization ?? '',
  });
  const sent = authorization === null ? head.replace(/Authorization:.*\r\n/, '') : head;
  const response = await rawRequest(stack.api.url, Buffer.from(sent, 'latin1'));
  expect(response).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="pixdock"' } });
  return { ...response, headers: { ...response?.headers, date: '' } };
};

test.each([
  ['the owner too', 'Bearer acme:key-of-the-owner-acme'],
  ['the owner alone', 'Bearer acme'],
  ['a part of it', 'Bearer key-of-the-owner-acm'],
  ['more than it', 'Bearer key-of-the-owner-acmee'],
  ['another case', 'Bearer KEY-OF-THE-OWNER-ACME'],
  ['its digest', 'Bearer 1d3e63a46a3b0ffd9ebc2af7e0fb0a0c'],
  ['quotes', 'Bearer "key-of-the-owner-acme"'],
  ['what is not ASCII', 'Bearer schl\u00fcssel'],
  ['8 KiB', `Bearer ${'x'.repeat(8192)}`],
])('responds with the same 401 to %s in place of a key', async (_, authorization) => {
  expect(await refusalOf(authorization)).toEqual(await refusalOf('Bearer wrong'));
});

test.each([
  ['an empty header', ''],
  ['no scheme', 'key-of-the-owner-acme'],
  ['no key', 'Bearer'],
  ['no key but a space', 'Bearer '],
  ['another scheme', 'Basic a2V5LW9mLWFjbWU='],
  ['two keys', 'Bearer key-of-the-owner-acme key-of-the-owner-other'],
  ['a list', 'Bearer key-of-the-owner-acme, Bearer key-of-the-owner-acme'],
  ['a tab', 'Bearer\tkey-of-the-owner-acme'],
])('says that %s is not Bearer and a key', async (_, authorization) => {
  const refusal = await refusalOf(authorization);
  expect(refusal).toEqual(await refusalOf('Basic wrong'));
  expect(JSON.stringify(refusal)).toContain('not `Bearer KEY`');
});

test('asks for the header when it is missing', async () => {
  expect(JSON.stringify(await refusalOf(null))).toContain('Send the header Authorization: Bearer KEY.');
});

test('rotates a key without a moment without a valid key', async () => {
  const file = join(stack.dataDir, 'keys');
  const { id } = (await upload(stack, jpegLike(5000))).body;
  const restartWith = async (lines: string) => {
    await writeFile(file, lines, { mode: 0o600 });
    await stack.api.stop();
    await stack.restartApi({ API_KEYS: `@${file}` });
  };
  await restartWith(
    '# being rotated\nacme:key-of-the-owner-acme\r\n acme:the-next-key-of-the-owner-acme, other:key-of-the-owner-other\n',
  );
  for (const key of ['key-of-the-owner-acme', 'the-next-key-of-the-owner-acme'])
    expect(await statusWith(key, `/v1/images/${id}`)).toBe(200);
  expect(await statusWith('key-of-the-owner-other', `/v1/images/${id}`)).toBe(404);
  const rotating = stack.api.output();
  await restartWith('acme:the-next-key-of-the-owner-acme\n');
  expect(await statusWith('the-next-key-of-the-owner-acme', `/v1/images/${id}`)).toBe(200);
  for (const gone of ['key-of-the-owner-acme', 'key-of-the-owner-other'])
    expect(await statusWith(gone)).toBe(401);
  expect(rotating + stack.api.output()).not.toMatch(/key-of-the-owner-/);
  await stack.api.stop();
  await stack.restartApi();
});

test('applies a change of the key file without a restart', async () => {
  const file = join(stack.dataDir, 'keys.json');
  const key = generateKey();
  const reading = { owner: 'acme', scopes: ['read'], expiresAt: null } as const;
  const { id } = await addKey(file, key, reading);
  const status = (wanted: number) =>
    until(`the API to respond ${wanted}`, 5, async () => ((await statusWith(key)) === wanted ? true : null));
  await status(200);
  const used = await until('the use to be noted', 5, () => lastUseOf(stack.dataDir, id));
  expect(Date.now() - Date.parse(used)).toBeLessThan(2 * 3600_000);
  const headers = { Authorization: `Bearer ${key}` };
  const refused = await upload(stack, jpegLike(5000), { headers });
  expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  await revokeKey(file, id);
  await status(401);
  expect((await ask(stack, '/v1/images', { headers })).body).toMatchObject({
    code: 'unauthorized',
    detail: expect.stringContaining(`The API key ${id} was revoked`),
  });
  expect(stack.api.output()).not.toContain(key);
});

test('gives events, endpoints and their secrets only to keys that may read or change them', async () => {
  const file = join(stack.dataDir, 'keys.json');
  const { id } = await addEndpoint(stack);
  const image = (await upload(stack, jpegLike(5000), { fields: { externalId: 'of-another-key' } })).body;
  const [submitting, changing] = [generateKey(), generateKey()];
  const acme = { owner: 'acme', expiresAt: null };
  await addKey(file, submitting, { ...acme, scopes: ['submit'] });
  await addKey(file, changing, { ...acme, scopes: ['webhooks'] });
  await until('the API to know the keys', 5, async () =>
    (await statusWith(changing)) === 403 ? true : null,
  );
  const send = (key: string, line: string, body?: object) => {
    const [method = '', path = ''] = line.split(' ');
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    return ask(stack, `/v1/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  };
  const wanted = { url: 'https://elsewhere.example.com', events: ['image.published'] };
  for (const [line, scope, body] of [
    ['POST webhooks/endpoints', 'read', wanted],
    ['GET webhooks/endpoints', 'read'],
    [`POST webhooks/endpoints/${id}/test`, 'read'],
    ['GET webhooks/deliveries', 'read'],
    ['POST webhooks/deliveries/msg_1/resend', 'read'],
    ['POST webhooks/recover', 'read', { since: '2027-01-31T00:00:00Z' }],
    [`POST webhooks/endpoints/${id}/rotate`, 'webhooks'],
    [`DELETE webhooks/endpoints/${id}`, 'webhooks'],
    [`POST images/${image.id}/retry`, 'read'],
  ] as const) {
    const { status, body: problem } = await send(submitting, line, body);
    expect([line, status], line).toEqual([line, 403]);
    expect(problem.detail).toContain(`does not have the scope "${scope}"`);
    expect(JSON.stringify(problem)).not.toContain('of-another-key');
  }
  expect((await send(changing, `POST webhooks/endpoints/${id}/rotate`)).status).toBe(200);
  expect((await send(changing, `DELETE webhooks/endpoints/${id}`)).status).toBe(204);
});

test.each([
  ['no colon', 'acme-secret-1'],
  ['no owner', ':secret-1'],
  ['a strange owner', 'a b:secret-1,ac/me:secret-2'],
  ['one key of two owners', 'acme:secret-1,other:secret-1'],
  ['a key where a file is meant', '@acme:secret-1'],
  ['a folder', '@/'],
])('reports %s without revealing a key', async (_, keys) => {
  const failure = await startService('api', { ...stack.env, API_KEYS: keys }).then(
    () => 'it started',
    (error: Error) => error.message,
  );
  expect(failure).toContain('API_KEYS');
  expect(failure).not.toMatch(/secret-/);
});

test('stores no key and no secret in Redis, or readable by others in staging', async () => {
  const body = JSON.stringify({
    url: 'http://nowhere.invalid/a.jpg',
    externalId: 'of-the-caller',
    headers: { authorization: SOURCE_AUTHORIZATION },
  });
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'a-secret-of-a-caller' };
  expect((await ask(stack, '/v1/images', { method: 'POST', body, headers })).status).toBe(202);
  await upload(stack, jpegLike(5000), {
    fields: { externalId: 'of-the-caller' },
    headers: { 'Idempotency-Key': 'another-secret-of-a-caller' },
  });
  const inRedis = () => readFilesUnder(join(stack.dataDir, 'redis'));
  await until('Redis to have written all', 10, async () =>
    inRedis().split('of-the-caller').length > 2 ? true : null,
  );
  const secrets = ['key-of-the-owner-acme', 'e2e-secret', 'secret-of-a-caller'];
  const found = (kept: string, all: string[]) => all.filter((secret) => kept.includes(secret));
  expect(found(inRedis(), [...secrets, SOURCE_AUTHORIZATION])).toEqual([]);
  expect(found(readFilesUnder(join(stack.dataDir, 'staging')), secrets)).toEqual([]);
});

function readFilesUnder(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n');
}
