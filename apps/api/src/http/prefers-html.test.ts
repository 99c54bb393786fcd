import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { ApiEnv } from './env.js';
import { prefersHtml } from './prefers-html.js';

const app = new Hono<ApiEnv>().get('/', (c) => c.text(prefersHtml(c) ? 'HTML' : 'JSON'));

it.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'HTML'],
  ['text/html, */*', 'HTML'],
  ['TEXT/HTML', 'HTML'],
  ['application/json;q=0.5, text/html', 'HTML'],
  [undefined, 'JSON'],
  ['', 'JSON'],
  ['*/*', 'JSON'],
  ['application/json', 'JSON'],
  ['text/html, application/json', 'JSON'],
  ['text/html;q=0.5, */*', 'JSON'],
  ['text/html;q=0', 'JSON'],
  ['text/plain', 'JSON'],
])('responds to Accept: %s with %s', async (accept, type) => {
  const headers = accept === undefined ? {} : { Accept: accept };
  expect(await (await app.request('/', { headers })).text()).toBe(type);
});
