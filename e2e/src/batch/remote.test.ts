import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until, untilFinal } from '../harness/client.js';
import { report } from './reports.js';
import { itemsOf, type Row, rows, submit, untilBatch, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack, tiny } from './stack.js';

const SECRET = 'Bearer secret-of-the-source-7f3a';
const MIB = 1024 ** 2;

let stack: BatchStack;
/** A source that requires a secret, and records the received headers by path. */
let guarded: Server;
let guardedUrl: string;
const seen = new Map<string, IncomingHttpHeaders>();

beforeAll(async () => {
  const image = await tiny(20);
  guarded = createServer(({ url = '', headers }, response) => {
    seen.set(url, headers);
    const isLetIn = headers.authorization === SECRET || url.startsWith('/open');
    setTimeout(() => response.writeHead(isLetIn ? 200 : 401).end(isLetIn ? image : 'no'), 200);
  });
  await new Promise<void>((resolve) => void guarded.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(guarded.address() as AddressInfo).port}`;
  guardedUrl = `http://${host}`;
  stack = await startBatchStack({ MAX_UPLOAD_BYTES: '1MiB' }, [host]);
});
afterAll(async () => {
  await stack.stop();
  guarded.closeAllConnections();
  await new Promise((resolve) => guarded.close(resolve));
});

const importUrl = (body: Row, headers: Record<string, string> = {}) =>
  ask(stack, '/v1/images', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  });

test('publishes an image from a URL', async () => {
  const url = `${stack.source.url}/hops/3?`;
  const response = await importUrl({ url, externalId: 'sku-9' }, { Prefer: 'wait=30' });
  expect(response.status).toBe(201);
  expect(response.body).toMatchObject({
    status: 'published',
    externalId: 'sku-9',
    source: { kind: 'url', mediaType: 'image/jpeg', width: 20, height: 20 },
    receipt: { declaredType: 'image/jpeg', detectedType: 'image/jpeg' },
  });
  expect(response.body.timeline.map(({ stage }) => stage)).toEqual([
    'received',
    'fetching',
    'validating',
    'normalizing',
    'uploading',
    'verifying',
    'published',
  ]);
  expect(JSON.stringify({ ...response.body, source: null })).not.toContain(stack.source.host);
});

test('reports each failure with its code, without the content of the source', async () => {
  const { source, other } = stack;
  // Small while compressed, and over the limit after decoding.
  const bomb = gzipSync(Buffer.concat([await tiny(20), Buffer.alloc(2 * MIB)])).toString('base64');
  const cases: [code: string, path: string, detail: RegExp, hits: number][] = [
    ['source_not_found', '/status/404', /HTTP 404/, 1],
    ['source_not_found', '/status/410', /HTTP 410/, 1],
    ['source_denied', '/status/401', /HTTP 401/, 1],
    ['source_denied', '/status/403', /HTTP 403/, 1],
    ['source_unreachable', '/redirect', /Location/, 2],
    ['source_unreachable', '/loop', /redirects/, 6],
    ['source_forbidden', `/redirect?to=${encodeURIComponent('http://100.100.100.200/latest')}`, /./, 2],
    ['source_too_large', `/lie?length=${2 * MIB}`, /./, 1],
    ['source_too_large', `/encoded?body=${encodeURIComponent(bomb)}`, /./, 1],
    ['unsupported_media_type', '/endless', /./, 1],
    ['unsupported_media_type', '/echo', /./, 1],
    // Retried until the attempts are used up; the last request only times out.
    ['source_unreachable', '/flaky/a?fails=99&retry-after=0', /HTTP 503/, 5],
    ['source_timeout', '/flaky/b?fails=4&retry-after=0&delay=60000', /./, 5],
  ];
  const images = await Promise.all(
    cases.map(async ([, path]) => {
      const { status, body } = await importUrl({ url: `${source.url}${path}` });
      expect(status).toBe(202);
      return untilFinal(stack, body.id, 120);
    }),
  );
  for (const [i, [code, path, detail, hits]] of cases.entries()) {
    const image = images[i];
    expect([path, image?.status, image?.error?.code]).toEqual([path, 'failed', code]);
    expect(image?.error?.detail).toMatch(detail);
    expect(image?.error?.detail).not.toMatch(/leak|127\.0\.0\.1|\/flaky|100\.100/);
    expect([path, source.hits(path.replace(/\?.*/, ''))]).toEqual([path, hits]);
  }
  // Forbidden addresses are refused without a connection.
  const before = other.hits();
  for (const url of ['http://127.0.0.1:1/', `http://localhost:${new URL(other.url).port}/image/a`]) {
    const { body } = await importUrl({ url });
    expect((await untilFinal(stack, body.id)).error?.code).toBe('source_forbidden');
  }
  expect(other.hits()).toBe(before);
  for (const url of ['ftp://a.example/', '/image/a', 'http://user:password@a.example/', 'http://'])
    expect(await importUrl({ url })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  // The bucket contains nothing of sources that were not images.
  expect(await listKeys(stack)).toHaveLength(2);
});

test('reports the last error and the next attempt while a fetch is retried', async () => {
  const url = `${stack.source.url}/flaky/webp?fails=1&retry-after=5&token=secret`;
  const { body } = await importUrl({ url });
  const waiting = await until('the first fetch to fail', 20, async () => {
    const { body: image } = await ask(stack, `/v1/images/${body.id}`);
    return image.lastError === null ? null : image;
  });
  expect(waiting).toMatchObject({
    status: 'queued',
    error: null,
    lastError: { code: 'source_unreachable', detail: expect.stringContaining('HTTP 503') },
    source: { url: url.replace('secret', '') },
  });
  expect(Date.parse(waiting.nextAttemptAt ?? '')).toBeGreaterThan(Date.parse(waiting.updatedAt));
  expect(await untilFinal(stack, body.id, 60)).toMatchObject({
    status: 'published',
    lastError: null,
    nextAttemptAt: null,
  });
});

test.each(['image', 'batch'])('ends a running fetch when its %s is deleted', async (kind) => {
  const { other } = stack;
  const url = `${other.url}/stall/deleted-${kind}`;
  const path =
    kind === 'image'
      ? `/v1/images/${(await importUrl({ url })).body.id}`
      : `/v1/batches/${(await submit(stack, [...rows(stack.source.url, 300, 60_000), { url }])).id}`;
  await until('the fetch to begin', 20, async () => other.hits(`/stall/deleted-${kind}`) > 0 || null);
  const open = other.open();
  const began = performance.now();
  expect((await ask(stack, path, { method: 'DELETE' })).status).toBe(202);
  await until('the connection to close', 20, async () => other.open() < open || null);
  // The fetch itself would time out after ten seconds.
  expect(performance.now() - began).toBeLessThan(8000);
  await until('it to be deleted', 30, async () => {
    const { body } = await ask<{ status: string; counts?: { deleted: number }; total?: number }>(stack, path);
    return (
      body.status === 'deleted' || (body.counts !== undefined && body.counts.deleted === body.total) || null
    );
  });
});

test('fails a source whose digest is not the declared one', async () => {
  const url = `${stack.source.url}/image/b/digest`;
  const sha256 = createHash('sha256')
    .update(await tiny(21))
    .digest('hex');
  const right = await importUrl({ url, sha256 }, { Prefer: 'wait=30' });
  expect(right).toMatchObject({ status: 201, body: { source: { sha256 } } });
  const wrong = await importUrl({ url, sha256: '0'.repeat(64) }, { Prefer: 'wait=30' });
  expect(wrong).toMatchObject({
    status: 422,
    body: { code: 'digest_mismatch', image: { status: 'failed' } },
  });
});

test('respects Retry-After of a source', async () => {
  const { body } = await importUrl({ url: `${stack.source.url}/flaky/c?fails=1&retry-after=2` });
  const image = await untilFinal(stack, body.id);
  expect(image).toMatchObject({ status: 'published', run: 1, attempts: 2 });
  const fetching = image.timeline.filter(({ stage }) => stage === 'fetching').map(({ at }) => Date.parse(at));
  expect((fetching[1] ?? 0) - (fetching[0] ?? 0)).toBeGreaterThan(1900);
});

test('sends headers only to their source, and keeps them out of Redis, logs and responses', async () => {
  const headers = { Authorization: SECRET, Referer: 'https://shop.example/' };
  const redirect = `${stack.source.url}/redirect?to=${encodeURIComponent(`${guardedUrl}/open/redirected`)}`;
  const single = await importUrl({ url: `${guardedUrl}/single`, headers }, { Prefer: 'wait=30' });
  expect(single).toMatchObject({ status: 201, body: { status: 'published' } });
  expect(seen.get('/single')).toMatchObject({ authorization: SECRET, referer: 'https://shop.example/' });

  const batch = await submit(stack, [
    { url: `${guardedUrl}/one`, headers },
    { url: `${guardedUrl}/two` },
    { url: redirect, headers },
    { url: `${guardedUrl}/three`, headers: { ...headers, Cookie: 'a=b' } },
  ]);
  await untilFinished(stack, batch.id);
  const items = await itemsOf(stack, batch.id);
  expect(items.map(({ status, error }) => error?.code ?? status)).toEqual([
    'published',
    'source_denied',
    'published',
    'invalid_row',
  ]);
  expect(seen.get('/two')).not.toHaveProperty('authorization');
  expect(seen.get('/open/redirected')).not.toHaveProperty('authorization');
  expect(seen.get('/open/redirected')).not.toHaveProperty('referer');
  expect(seen.has('/three')).toBe(false);

  const { headers: received, body } = await ask(stack, `/v1/batches/${batch.id}/items`);
  const texts = [
    JSON.stringify([single.body, [...received], body]),
    await report(stack, batch.id, 'ndjson'),
    await report(stack, batch.id, 'csv'),
    stack.api.output(),
    stack.worker.output(),
  ];
  // Redis appends every command to this file in plain text.
  const appended = textBelow(join(stack.dataDir, 'redis'));
  expect(appended).toContain(single.body.id);
  for (const text of [...texts, appended]) expect(text).not.toContain(SECRET.slice(7));

  // A batch with failures keeps the headers for a retry until it is deleted.
  expect((await ask(stack, `/v1/batches/${batch.id}`, { method: 'DELETE' })).status).toBe(202);
  await untilBatch(stack, batch.id, 'to be deleted', ({ counts }) => counts.deleted === batch.total);
  await until('the secret to be gone', 10, async () =>
    textBelow(join(stack.dataDir, 'staging')).includes(SECRET.slice(7)) ? null : true,
  );
});

function textBelow(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n');
}
