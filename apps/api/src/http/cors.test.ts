import { PixdockError } from '@pixdock/contract/error';
import { createLog } from '@pixdock/shared/runtime/log';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { allowOrigins } from './cors.js';
import type { ApiEnv } from './env.js';
import { respondWithError } from './problem.js';

const SHOP = 'https://shop.example.com';

function open(allowed: readonly string[]) {
  const lines: { msg: string; origin?: string }[] = [];
  const log = createLog('test', { destination: { write: (line) => lines.push(JSON.parse(line)) } });
  const app = new Hono<ApiEnv>();
  app.onError(respondWithError);
  app.use(allowOrigins(allowed, log));
  app.get('/', (c) => c.text('all'));
  app.get('/problem', () => {
    throw new PixdockError('not_found');
  });
  const ask = async (origin: string, path = '/', init: RequestInit = {}) =>
    (
      await app.request(`http://api.example.com${path}`, {
        ...init,
        headers: { Origin: origin, Host: 'api.example.com' },
      })
    ).headers;
  return { app, ask, lines, refused: () => lines.map(({ origin }) => origin).filter(Boolean) };
}

it('lets a page of a listed origin read responses, problems and the headers that it needs', async () => {
  const { ask, lines } = open([SHOP, 'http://localhost:5173']);
  for (const path of ['/', '/problem']) {
    const headers = await ask(SHOP, path);
    expect(headers.get('Access-Control-Allow-Origin')).toBe(SHOP);
    expect(headers.get('Vary')).toContain('Origin');
    const exposed = headers.get('Access-Control-Expose-Headers')?.split(',');
    for (const name of [
      'Location',
      'ETag',
      'Retry-After',
      'RateLimit',
      'RateLimit-Policy',
      'Preference-Applied',
      'Link',
    ])
      expect(exposed).toContain(name);
  }
  expect(lines).toEqual([]);
});

it('responds to a preflight without a key', async () => {
  const headers = await open([SHOP]).ask(SHOP, '/', { method: 'OPTIONS' });
  expect(headers.get('Access-Control-Allow-Origin')).toBe(SHOP);
  expect(headers.get('Access-Control-Allow-Methods')).toContain('POST');
});

it.each([
  ['no origin is listed', []],
  ['other origins are listed', [SHOP]],
])('logs a refused origin once, with the setting to change, when %s', async (_, allowed) => {
  const { ask, lines, refused } = open(allowed);
  for (let i = 0; i < 3; i++)
    expect((await ask('https://evil.example.com')).get('Access-Control-Allow-Origin')).toBeNull();
  expect(refused()).toEqual(['https://evil.example.com']);
  expect(lines[0]?.msg).toContain('CORS_ORIGINS');
});

it('logs no more than a hundred origins', async () => {
  const { ask, refused } = open([SHOP]);
  for (let i = 0; i < 150; i++) await ask(`https://${i}.example.com`);
  expect(refused()).toHaveLength(100);
});

it('does not log a page of the API’s own origin', async () => {
  const { ask, lines } = open([SHOP]);
  await ask('https://api.example.com');
  expect(lines).toEqual([]);
});

it('lets every page read with *, and warns of it', async () => {
  const { ask, lines } = open(['*']);
  expect((await ask('https://any.example.com')).get('Access-Control-Allow-Origin')).toBe('*');
  expect(lines.map(({ msg }) => msg)).toEqual([expect.stringContaining('CORS_ORIGINS is *')]);
});

it('adds no headers to responses for programs when no origin is listed', async () => {
  const { app } = open([]);
  const { headers } = await app.request('http://api.example.com/');
  expect([...headers.keys()]).toEqual(['content-type']);
});
