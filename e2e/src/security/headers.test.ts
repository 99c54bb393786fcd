import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { jpegLike } from '../api/support.js';
import { addFault, clearFaults } from '../harness/bucket.js';
import { type ApiResponse, ask, request, upload } from '../harness/client.js';
import { rawRequest } from '../harness/raw-http.js';
import { type Stack, startApiOnly } from '../harness/stack.js';
import {
  addEndpoint,
  addUpload,
  hasParameter,
  isStream,
  type Operation,
  pathWith,
  readOperations,
} from './contract.js';

const ORIGIN = 'https://shop.example.com';
const GUARD = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-site',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

let stack: Stack;
let id: string;
let batchId: string;
let endpointId: string;
let uploadId: string;
let operations: Operation[];
beforeAll(async () => {
  stack = await startApiOnly({ CORS_ORIGINS: ORIGIN, MAX_UPLOAD_BYTES: '64KiB' });
  id = (await upload(stack, jpegLike(5000))).body.id;
  const body = '{"url":"http://nowhere.invalid/a.jpg"}\n';
  const headers = { 'Content-Type': 'application/x-ndjson' };
  batchId = (await ask(stack, '/v1/batches', { method: 'POST', body, headers })).body.id;
  endpointId = (await addEndpoint(stack)).id;
  uploadId = await addUpload(stack);
  operations = await readOperations(stack);
});
afterEach(() => clearFaults(stack));
afterAll(() => stack.stop());

const ZEROS = '0'.repeat(32);
const NOTHING = {
  '/v1/images/': `img_${ZEROS}`,
  '/v1/batches/': `bat_${ZEROS}`,
  '/v1/errors/': 'none',
  '/v1/uploads/': `upl_${ZEROS}`,
  '/v1/webhooks/endpoints/': `whe_${ZEROS}`,
  '/v1/webhooks/deliveries/': ZEROS,
  '/v1/webhooks/recover/': ZEROS,
  '/v1/failures/retry/': ZEROS,
};
const known = () => ({
  ...NOTHING,
  '/v1/images/': id,
  '/v1/batches/': batchId,
  '/v1/errors/': 'not_found',
  '/v1/uploads/': uploadId,
  '/v1/webhooks/endpoints/': endpointId,
});

/** Expects the headers of every response: protected, not cached by others, silent about the server. */
function expectGuarded(what: string, { status, headers }: Pick<ApiResponse, 'status' | 'headers'>): void {
  const values = Object.fromEntries(headers);
  expect(values, what).toMatchObject(GUARD);
  for (const name of ['server', 'x-powered-by', 'strict-transport-security', 'set-cookie'])
    expect(values, what).not.toHaveProperty(name);
  const isOwn = status < 400 && status !== 204 && /Authorization/.test(values.vary ?? '');
  expect(values['cache-control'], what).toBe(isOwn ? 'private, no-cache' : 'no-store');
  if (status >= 400) expect(values.vary, what).toMatch(/Accept-Language/);
}

test('sets the security headers on every response of every route', async () => {
  const seen = new Set<number>();
  for (const operation of operations.filter((one) => !isStream(one))) {
    const { method, path, name } = operation;
    const paths = hasParameter(operation) ? [pathWith(path, known()), pathWith(path, NOTHING)] : [path];
    for (const to of paths)
      for (const authorization of ['Bearer key-of-the-owner-acme', 'Bearer none']) {
        const response = await request(stack, to, { method, headers: { Authorization: authorization } });
        if (operation.needsKey && authorization === 'Bearer none') expect(response.status, name).toBe(401);
        expectGuarded(`${name} → ${response.status}`, response);
        seen.add(response.status);
      }
    const wrong = await ask(stack, paths[0] ?? path, { method: 'PATCH' });
    expectGuarded(`PATCH ${path}`, wrong);
    seen.add(wrong.status);
  }
  for (const status of [200, 202, 400, 401, 404, 405, 409]) expect(seen).toContain(status);
});

test("marks an owner's responses as private and to be revalidated", async () => {
  for (const path of [`/v1/images/${id}`, '/v1/images', '/v1/batches', `/v1/batches/${batchId}/report.csv`]) {
    const { status, headers } = await request(stack, path);
    expect([status, headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
    expect(headers.get('vary')).toMatch(/Authorization/);
  }
  const etag = (await ask(stack, `/v1/images/${id}`)).headers.get('etag') ?? '';
  const unchanged = await ask(stack, `/v1/images/${id}`, { headers: { 'If-None-Match': etag } });
  expect(unchanged.status).toBe(304);
  expectGuarded('304', unchanged);
});

test('sets them on refusals of bodies, unavailable parts and malformed requests', async () => {
  const tooLarge = await upload(stack, jpegLike(65 * 1024));
  expect(tooLarge.status).toBe(413);
  expectGuarded('413', tooLarge);
  await addFault(stack, { action: { type: 'reset' } });
  const away = await ask(stack, `/v1/images/img_${ZEROS}`);
  expect(away.status).toBe(503);
  expectGuarded('503', away);
  for (const nonsense of ['hello\r\n\r\n', 'GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n']) {
    const response = await rawRequest(stack.api.url, nonsense);
    expect(response).toMatchObject({ status: 400, headers: { ...GUARD, 'cache-control': 'no-store' } });
  }
});

test('allows only a known origin, on every route', async () => {
  const preflight = (path: string, method: string, origin: string) =>
    ask(stack, path, {
      method: 'OPTIONS',
      headers: { Authorization: '', Origin: origin, 'Access-Control-Request-Method': method },
    });
  for (const operation of operations) {
    const path = hasParameter(operation) ? pathWith(operation.path, known()) : operation.path;
    const allowed = await preflight(path, operation.method, ORIGIN);
    expectGuarded(`OPTIONS ${path}`, allowed);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(allowed.headers.get('access-control-allow-methods')?.split(',')).toContain(operation.method);
    expect(allowed.headers.get('vary')).toMatch(/Origin/);
    for (const origin of [
      'https://evil.example.com',
      'null',
      `${ORIGIN}.evil.example`,
      'http://shop.example.com',
    ]) {
      const refused = await preflight(path, operation.method, origin);
      expect(refused.headers.get('access-control-allow-origin'), `${origin} ${path}`).toBeNull();
      expect(refused.headers.get('vary')).toMatch(/Origin/);
    }
  }
});
