import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Image } from '@pixdock/contract/image';
import type { UploadToken } from '@pixdock/contract/upload-token';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { jpegLike } from '../api/support.js';
import { findChromium, startChromium } from '../harness/chromium.js';
import { until, upload } from '../harness/client.js';
import { endProcess } from '../harness/end-process.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';

type Problem = { code: string };

const EXAMPLE = fileURLToPath(new URL('../../../examples/upload-token', import.meta.url));
const hasPython = spawnSync('python3', ['--version']).status === 0;
const chromium = findChromium();

let stack: Stack;
let port: number;
let origin: string;
beforeAll(async () => {
  port = await freePort();
  origin = `http://localhost:${port}`;
  stack = await startStack({ CORS_ORIGINS: origin });
});
afterAll(() => stack.stop());

async function startBackend(command: string, file: string): Promise<void> {
  const env = {
    PATH: process.env.PATH ?? '',
    PIXDOCK_URL: stack.api.url,
    PIXDOCK_API_KEY: 'key-of-the-owner-acme',
    PORT: String(port),
  };
  const child = killOnExit(spawn(command, [`${EXAMPLE}/${file}`], { env, stdio: 'ignore' }));
  onTestFinished(() => endProcess(child, 10_000));
  await until('the backend', 30, async () => ((await fetch(origin)).ok ? true : null));
}

test.each([
  ['Node', process.execPath, 'backend.mjs', true],
  ['Python', 'python3', 'backend.py', hasPython],
])('a backend in %s gives a page a token for its own images', async (_, command, file, isInstalled) => {
  if (!isInstalled) return;
  await startBackend(command, file);
  const given = await fetch(`${origin}/upload-token`, { method: 'POST' });
  const { url, token } = (await given.json()) as UploadToken & { url: string };
  const send = (path: string, init: RequestInit = {}, from = origin) =>
    fetch(`${url}${path}`, { ...init, headers: { Authorization: `Bearer ${token}`, Origin: from } });
  const preflight = await fetch(`${url}/v1/images`, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization',
    },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization');
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(jpegLike(5000))]), 'photo.jpg');
  const sent = await send('/v1/images', { method: 'POST', body: form });
  expect(sent.status).toBe(202);
  expect((await send(sent.headers.get('location') ?? '')).status).toBe(200);
  const { id } = (await upload(stack, jpegLike(5000))).body;
  const other = await send(`/v1/images/${id}`);
  expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([404, origin]);
  expect((await send('/v1/images', { method: 'POST' }, 'https://evil.example.com')).status).toBe(403);
});

test.skipIf(chromium === null)(
  'a page in Chromium gets the URL of its image, and reads no other',
  async () => {
    await startBackend(process.execPath, 'backend.mjs');
    const { id } = (await upload(stack, jpegLike(5000))).body;
    await using browser = await startChromium(chromium ?? '');
    const page = await browser.newPage();
    await page.goto(origin);
    const base64 = (await photo(200, 150)).toString('base64');
    const image = await page.evaluate<Image>(
      `upload(new File([Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0))], 'photo.jpg'))`,
    );
    expect(image).toMatchObject({ status: 'published', url: expect.stringMatching(/^http/) });
    const other = await page.evaluate<Problem>(`(async () => {
    const { url, token } = await (await fetch('/upload-token', { method: 'POST' })).json();
    const headers = { Authorization: 'Bearer ' + token };
    return (await fetch(url + '/v1/images/${id}', { headers })).json();
  })()`);
    expect(other.code).toBe('not_found');
  },
);
