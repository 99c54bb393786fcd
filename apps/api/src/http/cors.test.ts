import { createLog } from '@pixdock/shared/runtime/log';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { allowOrigins } from './cors.js';
import type { ApiEnv } from './env.js';

const SHOP = 'https://shop.example.com';

function open(allowed: readonly string[]) {
  const lines: { msg: string; origin?: string }[] = [];
  const log = createLog('test', { destination: { write: (line) => lines.push(JSON.parse(line)) } });
  const app = new Hono<ApiEnv>();
  app.use(allowOrigins(allowed, log));
  app.get('/', (c) => c.text('all'));
  const ask = async (origin: string) =>
    (await app.request('http://api.example.com/', { headers: { Origin: origin, Host: 'api.example.com' } }))
      .headers;
  return { app, ask, lines, refused: () => lines.map(({ origin }) => origin).filter(Boolean) };
}

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
