import type { Image } from '@pixdock/contract/image';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFault, clearFaults } from '../harness/bucket.js';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { SOURCE_AUTHORIZATION, SOURCE_SIGNATURE } from '../harness/leaks.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';

const TURNING = 'a\r\n{"level":60}\u001b[31m\u009b\u202e\u2028';
const EVIL = `${TURNING}gpj.exe`;

let source: SourceServer;
let stack: Stack;
let picture: Buffer;
beforeAll(async () => {
  picture = await photo(200, 150);
  source = await startSourceServer({ images: { a: { bytes: picture, type: 'image/jpeg' } } });
  stack = await startStack({ SOURCE_ALLOW: source.host, LOG_LEVEL: 'debug' });
});
afterAll(async () => {
  try {
    await stack.stop();
  } finally {
    await source.stop();
  }
});

const send = (path: string, body: object, headers: Record<string, string> = {}) =>
  ask(stack, path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  });

/** Expects one line per event, whatever text callers and servers send. */
function expectPlainLogs(...secrets: string[]): void {
  const log = stack.api.output() + stack.worker.output();
  const lines = log.split('\n').filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) expect(() => JSON.parse(line), line).not.toThrow();
  const forbidden = ['gpj.exe', '"level":60', '\u001b', '\u009b', '\u202e', '\u2028', ...secrets];
  expect(forbidden.filter((secret) => log.includes(secret))).toEqual([]);
}

test('logs no names, identifiers and metadata of callers, and stores them unchanged', async () => {
  expect((await upload(stack, picture, { filename: EVIL })).status).toBe(400);
  const options = { filename: '\u202egpj.exe', type: `image/jpeg; x=${encodeURIComponent(EVIL)}` };
  const fields = { externalId: EVIL, metadata: JSON.stringify({ [EVIL]: EVIL }) };
  const headers = { 'X-Request-Id': encodeURIComponent(EVIL), 'Idempotency-Key': 'gpj.exe' };
  const good = await upload(stack, picture, { ...options, fields, headers });
  const bad = await upload(stack, picture.subarray(0, -400), { ...options, fields });
  const image = await untilFinal(stack, good.body.id);
  expect(image).toMatchObject({ status: 'published', externalId: EVIL, metadata: { [EVIL]: EVIL } });
  expect(image.source.filename).toBe('gpj.exe');
  expect((await untilFinal(stack, bad.body.id)).status).toBe('failed');
  const { res } = await aliClient(stack.oss).head(image.variants.main?.key ?? '');
  const meta = Object.entries(res.headers).filter(([name]) => name.startsWith('x-oss-meta-'));
  expect(meta.map(([name]) => name)).toContain('x-oss-meta-pixdock-sealed');
  for (const [name, value] of meta) expect(`${name}: ${String(value)}`).toMatch(/^[\x21-\x7e ]+$/);
  expect((await ask(stack, `/v1/images/${encodeURIComponent(TURNING)}`)).status).toBe(404);
  expectPlainLogs();
});

test('reveals no URLs and headers of sources in logs and responses', async () => {
  const secret = `Signature=${SOURCE_SIGNATURE}`;
  const urls = [
    `${source.url}/image/a?${secret}`,
    `${source.url}/status/500?${secret}`,
    `${source.url}/status/403?${secret}`,
    `${source.url}/reset?${secret}`,
    `${source.url}/redirect?to=${encodeURIComponent(`http://10.0.0.1/?${secret}`)}`,
    `http://nowhere.invalid/?${secret}`,
    `http://user:${SOURCE_SIGNATURE}@${source.host}/image/a`,
  ];
  const request = { headers: { authorization: SOURCE_AUTHORIZATION } };
  const responses = await Promise.all(urls.map((url) => send('/v1/images', { ...request, url })));
  const rows = urls.map((url) => ({ ...request, url, externalId: EVIL }));
  expect((await send('/v1/batches', { items: rows })).status).toBe(202);
  for (const { status } of responses) expect([202, 400]).toContain(status);
  await until('the rest to have been tried', 30, async () => {
    const { body } = await ask<{ items: Image[] }>(stack, '/v1/images?limit=100');
    const ended = body.items.filter(
      ({ source: { kind }, finishedAt }) => kind === 'url' && finishedAt !== null,
    );
    return ended.length >= rows.length ? true : null;
  });
  expectPlainLogs(source.host, 'nowhere.invalid', '10.0.0.1');
});

test('repeats no text of a server in place of OSS', async () => {
  const action = { type: 'error', status: 403, code: EVIL, message: EVIL, ec: 'gpj.exe' };
  await addFault(stack, { operation: 'PutObject', action });
  const { id } = (await upload(stack, picture)).body;
  const ready = await until('/readyz to tell', 30, async () => {
    const { body } = await ask<{ storageTrouble?: { code: string } }>(stack, '/readyz');
    return body.storageTrouble ?? null;
  });
  expect(ready.code).toBe('HTTP403');
  await clearFaults(stack);
  expect((await untilFinal(stack, id)).status).toBe('published');
});
