import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { ApiEnv } from '../http/env.js';
import { readBytes } from './json-body.js';

const BODY = '{"url":"https://a.example/1.jpg"}';
const digest = (algorithm: string, text = BODY) => createHash(algorithm).update(text).digest('base64');
const sha256 = `sha-256=:${digest('sha256')}:`;
const sha512 = `sha-512=:${digest('sha512')}:`;

/** The body that was read, or the code of the refusal and its sentence. */
async function readWith(headers: Record<string, string>): Promise<string> {
  const app = new Hono<ApiEnv>().post('/', async (c) => c.text((await readBytes(c)).toString()));
  app.onError((error, c) => c.text(error.message));
  return (await app.request('/', { method: 'POST', body: BODY, headers }, {})).text();
}

test.each([
  ['no digest', {}],
  ['its MD5', { 'Content-MD5': digest('md5') }],
  ['its SHA-256', { 'Content-Digest': sha256 }],
  ['its SHA-512 with a parameter', { 'Content-Digest': `${sha512};a=1` }],
  ['an unknown algorithm beside its SHA-256', { 'Content-Digest': `crc32c=:AAAAAA==:, ${sha256}` }],
  ['all of them', { 'Content-MD5': digest('md5'), 'Content-Digest': `${sha256},${sha512}` }],
])('accepts a body with %s', async (_, headers) => {
  expect(await readWith(headers)).toBe(BODY);
});

test.each([
  ['Content-MD5', { 'Content-MD5': digest('md5', 'other') }],
  ['SHA-256', { 'Content-Digest': `sha-256=:${digest('sha256', 'other')}:` }],
  ['SHA-512', { 'Content-Digest': `sha-512=:${digest('sha512', 'other')}:` }],
  ['SHA-512 beside the right SHA-256', { 'Content-Digest': `${sha256}, sha-512=:${digest('sha512', '')}:` }],
])('refuses a body with the %s of another body', async (_, headers) => {
  expect(await readWith(headers)).toMatch(/^digest_mismatch: .* is (.+), not (?!\1)/);
});

test.each([
  { 'Content-MD5': '' },
  { 'Content-MD5': createHash('md5').update(BODY).digest('hex') },
  { 'Content-MD5': `${digest('md5')}, ${digest('md5')}` },
  { 'Content-Digest': '' },
  { 'Content-Digest': digest('sha256') },
  { 'Content-Digest': `sha-256=${digest('sha256')}` },
  { 'Content-Digest': `sha-256=:${digest('md5')}:` },
  { 'Content-Digest': `SHA-256=:${digest('sha256')}:` },
  { 'Content-Digest': 'crc32c=:AAAAAA==:' },
])('refuses a malformed digest: %o', async (headers) => {
  expect(await readWith(headers)).toMatch(/^invalid_request: /);
});
