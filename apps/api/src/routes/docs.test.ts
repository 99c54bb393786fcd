import { OpenAPIHono } from '@hono/zod-openapi';
import { ERROR_CODES } from '@pixdock/contract/error-table';
import { expect, it } from 'vitest';
import type { ApiEnv } from '../http/env.js';
import { docsRoutes } from './docs.js';
import { errorListPage, errorPage, errorRoutes } from './errors.js';
import { homeRoute } from './home.js';

const app = new OpenAPIHono<ApiEnv>();
homeRoute(app);
docsRoutes(app);
errorRoutes(app);

const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const pathsIn = (text: string) => [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, path = '']) => path);

it.each([
  [
    '/docs',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
  ],
  ['/', "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'"],
  ['/v1/errors', "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'"],
  ['/v1/errors/not_found', "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'"],
])('serves %s and all that it loads, and allows nothing from elsewhere', async (path, policy) => {
  const response = await app.request(path, { headers: BROWSER });
  expect(response.headers.get('content-security-policy')).toBe(policy);
  const text = await response.text();
  expect(text).not.toMatch(/<style|style=|<script>|\son\w+=/);
  const links = pathsIn(text).filter((link) => !link.startsWith('data:'));
  expect(links.length).toBeGreaterThan(1);
  const base = new URL(path, 'http://localhost');
  for (const link of links.slice(0, 8)) {
    const url = new URL(link, base);
    expect(url.origin).toBe(base.origin);
    if (['/readyz', '/openapi.json'].includes(url.pathname)) continue;
    const file = await app.request(url.pathname, { headers: BROWSER });
    expect([link, file.status]).toEqual([link, 200]);
  }
});

it('starts Swagger UI with the document of this server and without its validator', async () => {
  const response = await app.request('/docs/start.js');
  expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
  expect(await response.text()).toMatch(/url: 'openapi.json'[^]*validatorUrl: 'none'/);
});

it.each([
  ['en', 'Error codes', 'Fix'],
  ['zh-CN', '错误码', '处理方法'],
])('explains every error in %s', async (language, title, fix) => {
  const headers = { ...BROWSER, 'Accept-Language': language };
  const response = await app.request('/v1/errors', { headers });
  expect(response.headers.get('content-language')).toBe(language.slice(0, 2));
  expect(response.headers.get('vary')).toBe('Accept, Accept-Language');
  const text = await response.text();
  expect(text).toContain(`<html lang="${language}">`);
  for (const word of [title, fix, ...ERROR_CODES]) expect(text).toContain(word);
  const page = await (await app.request('/v1/errors/heic_unsupported', { headers })).text();
  expect(page).toContain(fix);
});

it('escapes the sentences of errors', async () => {
  const error = {
    code: 'not_found',
    status: 404,
    retryable: false,
    title: '<b>"',
    fix: 'a & `<b>`',
  } as const;
  for (const page of [errorPage(error, 'en'), errorListPage([error], 'en')]) {
    const text = (await page).toString();
    expect(text).toContain('&lt;b&gt;&quot;');
    expect(text).toContain('a &amp; <code>&lt;b&gt;</code>');
  }
});
