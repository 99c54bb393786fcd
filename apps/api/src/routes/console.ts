import type { OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { accepts } from 'hono/accepts';
import { z } from 'zod';
import { readJson } from '../body/json-body.js';
import type { Parts } from '../deps.js';
import type { ApiContext, ApiEnv } from '../http/env.js';
import { prefersHtml } from '../http/prefers-html.js';
import type { ConsoleFile, ConsoleFiles } from '../pages/console-files.js';

const ASSETS = 'public, max-age=31536000, immutable';

const tokenSchema = z.strictObject({ token: z.string().max(256) });
const MAX_TOKEN_BODY_BYTES = 1024;

/** Serves the console at `/` to browsers, its assets, the scopes of its key, and the exchange of a one-use token for the key of its link. */
export function consoleRoutes(
  app: OpenAPIHono<ApiEnv>,
  { config, keyring, signInLinks }: Parts<'config' | 'keyring' | 'signInLinks'>,
  { page, assets }: ConsoleFiles,
): void {
  const { fileDomain, privateBucket, cdnAuth } = config.store;
  const domains = [fileDomain, privateBucket?.fileDomain ?? fileDomain, cdnAuth?.domain ?? fileDomain];
  const policy = policyFor([...new Set(domains.map((domain) => new URL(domain).origin))]);
  app.get('/', (c, next) => {
    if (!prefersHtml(c)) return next();
    c.header('Content-Security-Policy', policy);
    return sendFile(c, page, 'no-cache', 'Accept, Accept-Encoding');
  });
  app.get('/console/scopes', (c) => {
    const found = keyring.find(c.req.header('Authorization'));
    if (found.caller === null) throw new PixdockError('unauthorized', found.refusal ?? undefined);
    const { token, scopes } = found.caller;
    // A token submits, and reads only what it submitted.
    return c.json({ scopes: token === null ? [...scopes] : ['submit'] });
  });
  for (const [name, asset] of assets)
    app.get(`/console/${name}`, (c) => sendFile(c, asset, ASSETS, 'Accept-Encoding'));
  app.post('/console/sign-in', async (c) => {
    const body = tokenSchema.safeParse(await readJson(c, MAX_TOKEN_BODY_BYTES));
    const key = body.success ? signInLinks.redeem(body.data.token) : null;
    if (key === null) throw new PixdockError('not_found');
    return c.json({ key });
  });
}

/** Published images are the only thing from another origin. The page has no inline scripts or styles; `blob:` shows files before their upload, `data:` placeholders. */
const policyFor = (imageOrigins: readonly string[]) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob: ${imageOrigins.join(' ')}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

async function sendFile(c: ApiContext, file: ConsoleFile, cache: string, vary: string): Promise<Response> {
  const isZipped = prefersGzip(c);
  const etag = `"${file.etag}${isZipped ? '-gzip' : ''}"`;
  c.header('Cache-Control', cache);
  c.header('ETag', etag);
  c.header('Vary', vary);
  if (c.req.header('If-None-Match')?.includes(etag) === true) return c.body(null, 304);
  c.header('Content-Type', file.type);
  if (isZipped) c.header('Content-Encoding', 'gzip');
  return c.body(isZipped ? await file.gzipped() : file.plain);
}

const prefersGzip = (c: ApiContext) =>
  accepts(c, { header: 'Accept-Encoding', supports: ['gzip', 'identity'], default: 'identity' }) === 'gzip';
