import { expect, it } from 'vitest';
import { problem, serve } from './testing/serve.js';

const created = { token: 'pxt_1', id: 'tok_1', expiresAt: '2027-01-31T00:00:00.000Z' };

it('creates an upload token with the given bounds, also after a 503', async () => {
  const { client, requests } = await serve((_, count) =>
    count === 1 ? problem(503, 'overloaded', { retryAfter: 0 }) : { status: 201, body: created },
  );
  const bounds = { profile: 'avatar', maxCount: 1, origins: ['https://shop.example.com'] };
  expect(await client.createUploadToken(bounds)).toEqual(created);
  expect(requests.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual(
    Array(2).fill('POST /v1/upload-tokens'),
  );
  expect(JSON.parse(String(requests[1]?.body))).toEqual(bounds);
});

it('creates one without bounds', async () => {
  const { client, requests } = await serve(() => ({ status: 201, body: created }));
  await client.createUploadToken();
  expect(String(requests[0]?.body)).toBe('{}');
});
