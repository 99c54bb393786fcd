import { DEFAULT_SCOPES, SCOPES, type Scope } from '@pixdock/contract/scope';
import { createLog } from '@pixdock/shared/runtime/log';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, it } from 'vitest';
import { createApp } from '../app.js';
import type { ApiDeps } from '../deps.js';
import { openEvents } from '../events.js';
import type { Keyring } from '../keys/keyring.js';
import { noShares } from '../limits/shares.js';
import { openCounters } from '../metrics.js';
import { scopesOf } from './auth.js';

const PUBLIC = ['GET /livez', 'GET /readyz', 'GET /v1/errors', 'GET /v1/errors/{code}'];

/** The console has handlers where it is built. */
const PAGES = /^(GET (\/|\/docs(\/.*)?|\/console\/.*)|POST \/console\/sign-in)$/;

/** The app for a caller with these scopes; every part behind the authorization is missing. */
function appFor(...scopes: Scope[]) {
  const keyring: Keyring = {
    find: () => ({
      caller: { owner: 'acme', keyId: 'key_000000000000', scopes: new Set(scopes), token: null },
    }),
    makeToken: () => '',
    hasManyOwners: () => false,
    stop: () => {},
  };
  const log = createLog('test', { level: 'silent' });
  const parts = stub<ApiDeps>({
    config: {
      corsOrigins: [],
      metadataIndex: [],
      store: { fileDomain: 'https://img.example.com', privateBucket: null, cdnAuth: null },
    },
    keyring,
    keyUses: { note() {} },
    waits: {},
    shares: noShares(),
    log,
    events: openEvents(log, openCounters(), { write() {} }),
    stopping: new AbortController().signal,
  });
  return createApp(parts);
}

const routes = appFor().openAPIRegistry.definitions.flatMap((definition) =>
  definition.type === 'route' ? [definition.route] : [],
);
const lineOf = ({ method, path }: { method: string; path: string }) => `${method.toUpperCase()} ${path}`;

it('has a scope for every route, except the public ones', () => {
  expect(routes.length).toBeGreaterThan(15);
  const open = routes.filter((route) => scopesOf(route).length === 0).map(lineOf);
  expect(open.toSorted()).toEqual(PUBLIC);
});

it('has a declared route for every handler', () => {
  const declared = new Set(routes.map((route) => lineOf(route).replaceAll(/\{(\w+)\}/g, ':$1')));
  const handled = appFor()
    .routes.filter(({ method }) => method !== 'ALL')
    .map(lineOf);
  const undeclared = [...new Set(handled)].filter((line) => !declared.has(line));
  // Pages for people need no key, and are not part of the contract.
  expect(undeclared.filter((line) => !PAGES.test(line))).toEqual(['GET /openapi.json']);
});

it.each(routes.filter((route) => !PUBLIC.includes(lineOf(route))).map((route) => [lineOf(route), route]))(
  'refuses %s without one of its scopes, and names the command for a key that has them',
  async (_, route) => {
    for (const needed of scopesOf(route)) {
      const app = appFor(...SCOPES.filter((scope) => scope !== needed));
      const path = route.path.replace('{id}', `img_${'0'.repeat(32)}`);
      const methods = route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()];
      for (const method of methods) {
        const response = await app.request(path, { method });
        expect(response.status).toBe(403);
        if (method === 'HEAD') continue;
        const { code, detail } = (await response.json()) as { code: string; detail: string };
        expect(code).toBe('forbidden');
        expect(detail).toContain(`"${needed}"`);
        const scopes = needed === 'admin' ? 'admin' : 'submit,read,delete,webhooks,review,admin';
        expect(detail).toMatch(new RegExp(`pixdock-ops keys create --owner acme --scopes ${scopes}\\.$`));
      }
    }
  },
);

it('shows the metrics to callers with the scope admin only', async () => {
  expect((await appFor(...DEFAULT_SCOPES).request('/metrics')).status).toBe(403);
});

it('responds 404 and 405 to a caller without any scope', async () => {
  expect((await appFor().request('/v1/nothing')).status).toBe(404);
  expect((await appFor().request('/v1/images', { method: 'PUT' })).status).toBe(405);
});

it('refuses every caller on a route that declares no scope', async () => {
  const app = appFor(...SCOPES);
  app.get('/v1/undeclared', (c) => c.text('reached'));
  expect((await app.request('/v1/undeclared')).status).toBe(403);
});
