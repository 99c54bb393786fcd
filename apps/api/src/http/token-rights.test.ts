import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { checkTokenRights } from './auth.js';
import type { ApiEnv } from './env.js';
import { respondWithError } from './problem.js';

const PAGE = 'https://shop.example.com';

function statusOf(origins: string[] | null, method: string, origin?: string, routeAllowsTokens = true) {
  const app = new Hono<ApiEnv>();
  app.onError(respondWithError);
  app.all('/', (c) => {
    const rights = {
      id: 'tok_1',
      expiresAt: '',
      profile: null,
      maxBytes: 1,
      deleteAfterSeconds: null,
      maxCount: 1,
      origins,
    };
    checkTokenRights(c, rights, routeAllowsTokens);
    return c.body(null, 204);
  });
  const headers = origin === undefined ? {} : { Origin: origin };
  return Promise.resolve(app.request('/', { method, headers })).then(({ status }) => status);
}

it('accepts pages of the origins of a token, and no others', async () => {
  expect(await statusOf([PAGE], 'POST', PAGE)).toBe(204);
  for (const other of [`${PAGE}:8443`, 'https://evil.example.com', 'null', undefined])
    expect(await statusOf([PAGE], 'POST', other)).toBe(403);
  expect(await statusOf([PAGE], 'GET')).toBe(204);
  expect(await statusOf([PAGE], 'GET', 'https://evil.example.com')).toBe(403);
});

it('accepts any page with a token without origins, and no route for keys', async () => {
  expect(await statusOf(null, 'POST', 'https://any.example.com')).toBe(204);
  expect(await statusOf(null, 'POST', PAGE, false)).toBe(403);
});
