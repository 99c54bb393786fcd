import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@pixdock/shared/runtime/clock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, OTHER } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { runPixdock } from '../harness/pixdock.js';
import { openRaw, requestHead } from '../harness/raw-http.js';
import { type Stack, startStack } from '../harness/stack.js';

const PHOTOS = 30;
const POLL_EVERY_MS = 20;

let stack: Stack;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pixdock-limits-'));
  const file = join(home, 'limits.yaml');
  await writeFile(file, 'owners:\n  acme: { uploads: 1, waits: 2 }\n');
  stack = await startStack({ LIMITS_FILE: file });
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await stack.stop();
});

test('lets our client import a folder within its limits, beside another busy owner', async () => {
  const photos = join(home, 'photos');
  await mkdir(photos);
  for (let n = 0; n < PHOTOS; n++) await writeFile(join(photos, `${n}.jpg`), await photo(64 + n, 48));
  const over = new AbortController();
  let polls = 0;
  const other = (async () => {
    for (; !over.signal.aborted; polls++) {
      expect((await ask(stack, '/v1/images', { headers: OTHER })).status).toBe(200);
      await sleep(POLL_EVERY_MS);
    }
  })();
  const { exit, err } = await runPixdock(stack, home, ['import', photos]);
  over.abort();
  await other;
  expect(err).toContain(`${PHOTOS} published`);
  expect(exit).toBe(0);
  expect(polls).toBeGreaterThan(10);
  expect(stack.api.output()).toContain('"status":429');
});

test('frees the leases of a killed API after a minute', async () => {
  const key = '{pixdock}:held:uploads:acme';
  const { send } = await openRaw(stack.api.url);
  await send(requestHead('POST', '/v1/images', { 'Content-Length': '1000' }), 'x');
  await expect.poll(() => stack.redis.cli('zcard', key)).toBe('1');
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  const leftMs = Number(stack.redis.cli('pttl', key));
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThanOrEqual(60_000);
  await stack.restartApi();
});
