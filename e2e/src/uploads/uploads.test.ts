import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { uploadFiles } from '@pixdock/shared/state/staged/staged-names';
import { freePort } from '@pixdock/shared/testing/free-port';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { zipOf } from '../batch/zip.js';
import { openRandom } from '../chaos/random.js';
import { ask, until, untilFinal } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Service, startService } from '../harness/processes.js';
import { clocks, type Stack, startStack } from '../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';
import { recipesOf } from '../recipes/recipes.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CUTS = 50;
const MIB = 1024 ** 2;
const KEY = { Authorization: 'Bearer key-of-the-owner-acme' };

let stack: Stack;
let proxy: TcpProxy;
beforeAll(async () => {
  stack = await startStack(clocks('sweep=500'));
  proxy = await startTcpProxy();
  proxy.forward(portOf(stack.api));
});
afterAll(async () => {
  await proxy.stop();
  await stack.stop();
});

const portOf = ({ url }: Service) => Number(new URL(url).port);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const idOf = (path: string) => path.split('/').at(-1) ?? '';
const filesOf = (path: string) => uploadFiles(stagingLayout(stack.dataDir).upload(idOf(path)));

/** Sends a file with tus-js-client through the proxy, and returns the id in the last response. */
function sendWithTus(bytes: Buffer, metadata: Record<string, string>, onRetry: () => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `http://127.0.0.1:${proxy.port}/v1/uploads`,
      headers: KEY,
      metadata,
      retryDelays: Array.from({ length: 4 * CUTS }, () => 0),
      onShouldRetry() {
        onRetry();
        return true;
      },
      onError: reject,
      onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader('Pixdock-Id') ?? 'no id'),
    });
    upload.start();
  });
}

test('delivers a file whose connection is cut 50 times at random, and creates one image', async () => {
  const random = openRandom('uploads');
  // It only begins like an image.
  const bytes = Buffer.concat([await photo(), randomBytes(12 * MIB)]);
  // Each cut comes after at most four pieces of 64 KiB; the first piece is a HEAD. The last cut drops the final response.
  const cutNext = () => {
    if (proxy.resets() >= CUTS) return;
    if (proxy.resets() === CUTS - 1) proxy.resetAt(2, 'response');
    else if (random.below(4) === 0) proxy.resetAt(1, 'response');
    else proxy.resetAt(1 + random.below(4), 'request');
  };
  cutNext();
  const id = await sendWithTus(bytes, { externalId: 'cut', filename: 'cut.jpg' }, cutNext);
  expect(proxy.resets()).toBe(CUTS);
  const { body } = await ask<{ items: Image[] }>(stack, '/v1/images?externalId=cut');
  expect(body.items.map((image) => [image.id, image.source.sha256])).toEqual([[id, sha256(bytes)]]);
});

test('publishes the images of a ZIP archive', async () => {
  const archive = zipOf({ '1.jpg': await photo(60, 40), '2.jpg': await photo(80, 40) });
  const id = await sendWithTus(archive, { resource: 'batch', filetype: 'application/zip' }, () => {});
  const batch = await until('the batch to be finished', 60, async () => {
    const response = await ask<Batch>(stack, `/v1/batches/${id}?wait=5`);
    return response.body.status === 'finished' ? response.body : null;
  });
  expect(batch).toMatchObject({ total: 2, counts: { published: 2 } });
});

async function create(length: number, metadata = ''): Promise<string> {
  const headers = { 'Tus-Resumable': '1.0.0', 'Upload-Length': String(length), 'Upload-Metadata': metadata };
  const { status, headers: of } = await ask(stack, '/v1/uploads', { method: 'POST', headers });
  expect(status).toBe(201);
  return of.get('location') ?? '';
}

const patchHeaders = (offset: number) => ({
  'Tus-Resumable': '1.0.0',
  'Upload-Offset': String(offset),
  'Content-Type': 'application/offset+octet-stream',
});

/** Begins a PATCH and waits until the server has written these bytes. */
async function beginPatch(path: string, bytes: Buffer, length: number): Promise<void> {
  const headers = { ...KEY, ...patchHeaders(0), 'Content-Length': length };
  const begun = requestHttp(new URL(path, stack.api.url), { method: 'PATCH', headers });
  begun.on('error', () => {});
  onTestFinished(() => void begun.destroy());
  begun.write(bytes);
  await until('the bytes to be written', 20, async () =>
    statSync(filesOf(path).data).size === bytes.length ? true : null,
  );
}

test('resumes after SIGKILL of the API and a loss of Redis, where its bytes on disk end', async () => {
  const bytes = Buffer.concat([await photo(), randomBytes(MIB)]);
  const path = await create(bytes.length);
  await beginPatch(path, bytes.subarray(0, 300_000), bytes.length);
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  stack.redis.cli('flushall');
  await stack.restartApi();
  proxy.forward(portOf(stack.api));
  const head = await ask(stack, path, { method: 'HEAD' });
  expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '300000']);
  // The restore of Redis may not have ended.
  const id = await until('the upload to be accepted', 20, async () => {
    const offset = Number((await ask(stack, path, { method: 'HEAD' })).headers.get('upload-offset'));
    const rest = bytes.subarray(offset);
    const init = { method: 'PATCH', headers: patchHeaders(offset), body: new Uint8Array(rest) };
    return (await ask(stack, path, init)).headers.get('pixdock-id');
  });
  expect((await untilFinal(stack, id)).source.sha256).toBe(sha256(bytes));
});

test('continues at another API process with the same staging', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const other = await startService('api', { ...stack.env, PORT: new URL(url).port });
  onTestFinished(() => other.stop());
  const bytes = await photo(90, 60);
  const path = await create(bytes.length);
  await beginPatch(path, bytes.subarray(0, 100), bytes.length);
  const there = { ...stack, api: other };
  const head = await ask(there, path, { method: 'HEAD' });
  expect(head.headers.get('upload-offset')).toBe('100');
  const init = { method: 'PATCH', headers: patchHeaders(100), body: new Uint8Array(bytes.subarray(100)) };
  const id = (await ask(there, path, init)).headers.get('pixdock-id') ?? '';
  expect((await untilFinal(stack, id)).source.sha256).toBe(sha256(bytes));
});

test('expires an upload that is not finished, and no other', async () => {
  const [expired, kept] = [await create(1000), await create(1000)];
  const { entry } = filesOf(expired);
  const changed = { ...JSON.parse(await readFile(entry, 'utf8')), expiresAt: new Date(0).toISOString() };
  writeFileSync(entry, JSON.stringify(changed));
  // An upload that is old and idle stays until it expires.
  for (const path of [filesOf(kept).data, filesOf(kept).entry]) utimesSync(path, 0, 0);
  expect((await ask(stack, expired, { method: 'HEAD' })).status).toBe(404);
  const folder = stagingLayout(stack.dataDir).upload(idOf(expired));
  await until('the sweep to remove it', 20, async () => (existsSync(folder) ? null : true));
  expect((await ask(stack, kept, { method: 'HEAD' })).status).toBe(200);
});

test('runs the recipe of the docs', async () => {
  const folder = temporaryFolder();
  await copyFile(join(ROOT, 'examples/photo.jpg'), join(folder, 'photo.jpg'));
  await symlink(join(ROOT, 'e2e/node_modules'), join(folder, 'node_modules'));
  const [recipe] = recipesOf('docs/uploads.md').get('tus-js-client')?.recipes ?? [];
  const code = (recipe?.code ?? '')
    .replaceAll('http://127.0.0.1:3000', stack.api.url)
    .replaceAll('Bearer KEY', KEY.Authorization);
  await writeFile(join(folder, 'send.mjs'), code);
  const run = () => promisify(execFile)(process.execPath, ['send.mjs'], { cwd: folder });
  const { stdout } = await run();
  expect(stdout.trim()).toMatch(/^http:.*\.jpg$/);
  const body = 'no picture';
  await writeFile(join(folder, 'photo.jpg'), body);
  const { stderr } = await run();
  const refused = await fetch(`${stack.api.url}/v1/images`, {
    method: 'POST',
    headers: { ...KEY, 'Content-Type': 'image/jpeg' },
    body,
  });
  expect(stderr.trim()).toBe(((await refused.json()) as { detail: string }).detail);
});
