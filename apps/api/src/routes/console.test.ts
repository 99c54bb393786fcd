import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { stub } from '@pixdock/shared/testing/stub';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiDeps } from '../deps.js';
import type { ApiEnv } from '../http/env.js';
import { respondWithError } from '../http/problem.js';
import type { Caller, Keyring } from '../keys/keyring.js';
import { openSignInLinks } from '../keys/sign-in-links.js';
import { readConsoleFiles } from '../pages/console-files.js';
import { consoleRoutes } from './console.js';
import { homeRoute } from './home.js';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const SCRIPT = `console.log('${'a'.repeat(2000)}');`;

const signInLinks = openSignInLinks();
const CALLER: Caller = {
  owner: 'acme',
  keyId: 'key_000000000000',
  scopes: new Set(['submit', 'read']),
  token: null,
};
const keyring: Keyring = {
  find: (authorization) => {
    if (authorization === 'Bearer key') return { caller: CALLER };
    if (authorization === 'Bearer token')
      return { caller: { ...CALLER, token: stub<NonNullable<Caller['token']>>({}) } };
    return { caller: null, refusal: null };
  },
  makeToken: () => '',
  hasManyOwners: () => false,
  stop: () => {},
};

let folder: string;
let app: OpenAPIHono<ApiEnv>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixdock-page-'));
  mkdirSync(join(folder, 'console'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Pixdock</title>');
  writeFileSync(join(folder, 'console/index-1a2b.js'), SCRIPT);
  const files = readConsoleFiles(folder);
  app = new OpenAPIHono<ApiEnv>();
  app.onError(respondWithError);
  const config = stub<ApiDeps['config']>({
    store: { fileDomain: 'https://img.example.com/pictures', privateBucket: null, cdnAuth: null },
  });
  if (files !== null) consoleRoutes(app, { config, keyring, signInLinks }, files);
  homeRoute(app);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('serves the page to browsers with a strict policy, and JSON to programs', async () => {
  const page = await app.request('/', { headers: BROWSER });
  expect(await page.text()).toContain('<title>Pixdock</title>');
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'cache-control': 'no-cache',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https://img.example.com; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    vary: 'Accept, Accept-Encoding',
  });
  expect(await (await app.request('/')).json()).toMatchObject({ name: 'Pixdock' });
});

it('serves assets that caches may keep forever, compressed where the client can read that', async () => {
  const path = '/console/index-1a2b.js';
  const plain = await app.request(path);
  expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, SCRIPT]);
  const zipped = await app.request(path, { headers: { 'Accept-Encoding': 'gzip, br' } });
  expect(zipped.headers.get('content-encoding')).toBe('gzip');
  expect((await zipped.arrayBuffer()).byteLength).toBeLessThan(200);
  expect(zipped.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const etag = plain.headers.get('etag') ?? '';
  expect(zipped.headers.get('etag')).not.toBe(etag);
  expect((await app.request(path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
});

it.each(['/console/none.js', '/console/..%2findex.html', '/console/'])('does not serve %s', async (path) => {
  expect((await app.request(path)).status).toBe(404);
});

it('exchanges a one-use token for the key of its link', async () => {
  const token = 'a-token-of-the-launcher';
  const tokenHash = createHash('sha256').update(token).digest('hex');
  signInLinks.accept({ type: 'sign-in-link', tokenHash, key: 'the-key' });
  const exchange = (body: string) => app.request('/console/sign-in', { method: 'POST', body }, {});
  const response = await exchange(JSON.stringify({ token }));
  expect([response.status, await response.json()]).toEqual([200, { key: 'the-key' }]);
  for (const body of [JSON.stringify({ token }), '{}', '{"token":5}'])
    expect((await exchange(body)).status).toBe(404);
  expect((await exchange('x'.repeat(2000))).status).toBe(413);
});

it.each([
  ['Bearer key', { scopes: ['submit', 'read'] }],
  ['Bearer token', { scopes: ['submit'] }],
  ['Bearer other', { code: 'unauthorized' }],
])('names what %s may do', async (authorization, body) => {
  const response = await app.request('/console/scopes', { headers: { Authorization: authorization } }, {});
  expect(await response.json()).toMatchObject(body);
});
