import { OpenAPIHono } from '@hono/zod-openapi';
import { createLog } from '@pixdock/shared/runtime/log';
import { expect, it } from 'vitest';
import { allowOrigins } from './cors.js';
import type { ApiEnv } from './env.js';
import { respondWithError } from './problem.js';
import { noSuchRoute } from './unknown-route.js';

it('lets a page read that a path does not exist, in a response that depends on its origin', async () => {
  const app = new OpenAPIHono<ApiEnv>();
  app.onError(respondWithError);
  app.notFound(noSuchRoute(app));
  app.use(allowOrigins(['https://shop.example.com'], createLog('test', { level: 'silent' })));
  const response = await app.request('/nothing', { headers: { Origin: 'https://shop.example.com' } });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('no GET /nothing.') });
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('https://shop.example.com');
  expect(response.headers.get('Vary')).toBe('Accept-Language, Origin');
});
