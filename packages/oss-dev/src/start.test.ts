import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startOssDev } from './start.js';
import { send, signed, xmlTexts } from './testing/http.js';
import { labKey, startTestOss, temporaryDirectory } from './testing/test-oss.js';

test('keeps objects and removes partial uploads on a restart', async () => {
  const first = await startTestOss();
  const headers = { 'x-oss-meta-id': '7', 'content-type': 'image/png' };
  await send(first, signed(first, { method: 'PUT', key: '照片/a', body: 'hello', headers }));
  const before = await send(first, { path: '/lab-bucket/%E7%85%A7%E7%89%87/a' });
  await first.stop();
  await mkdir(join(first.dataDir, 'tmp'), { recursive: true });
  await writeFile(join(first.dataDir, 'tmp', 'half'), 'of an upload');

  const second = await startTestOss({ dataDir: first.dataDir });
  const after = await send(second, { path: '/lab-bucket/%E7%85%A7%E7%89%87/a' });
  expect(after.text).toBe('hello');
  const { date: _before, 'x-oss-request-id': _one, ...same } = before.headers;
  expect(after.headers).toMatchObject(same);
  expect(xmlTexts((await send(second, signed(second, { query: { 'list-type': '2' } }))).text, 'Key')).toEqual(
    ['照片/a'],
  );
  expect(await readdir(join(first.dataDir, 'tmp'))).toEqual([]);
});

test('never uses a key as a file name', async () => {
  const oss = await startTestOss();
  for (const key of ['../../../escape', 'plain-key', 'con']) {
    await send(oss, signed(oss, { method: 'PUT', key, body: 'x' }));
  }
  const names = await readdir(join(oss.dataDir, 'buckets', 'lab-bucket'), { recursive: true });
  expect(names.filter((name) => name.includes('/')).length).toBe(6);
  expect(names.every((name) => /^[0-9a-f]{2}(\/[0-9a-f]{64}\.(json|[0-9a-f]{12}))?$/.test(name))).toBe(true);
});

test('listens on loopback only, unless bind and allowNonLoopback are set', async () => {
  const dataDir = await temporaryDirectory();
  const options = { dataDir, buckets: ['lab-bucket'], ...labKey };
  await expect(startOssDev({ ...options, bind: '0.0.0.0' })).rejects.toThrow(
    /OSS_DEV_ALLOW_NON_LOOPBACK=true/,
  );
  const open = await startOssDev({ ...options, bind: '0.0.0.0', allowNonLoopback: true });
  expect((await send(open, { path: '/lab-bucket/a' })).status).toBe(404);
  await open.stop();
});

test('publishes at an address that the machines which reach it can use', async () => {
  const options = { buckets: ['lab-bucket'], ...labKey, allowNonLoopback: true };
  const urlFor = async (bind?: string) => {
    const oss = await startOssDev({
      ...options,
      ...(bind && { bind }),
      dataDir: await temporaryDirectory(),
    });
    await oss.stop();
    return oss.publicUrl.replace(`:${oss.port}`, '');
  };
  for (const bind of [undefined, '127.0.0.1', '127.0.0.2', 'localhost', '::1'])
    expect(await urlFor(bind)).toBe('http://localhost');
  expect(await urlFor('0.0.0.0')).toMatch(/^http:\/\/(\d+\.\d+\.\d+\.\d+|localhost)$/);
});

test('takes the first free one of its ports, and fails without one', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const options = { dataDir: await temporaryDirectory(), buckets: ['lab-bucket'], ...labKey, ports: [port] };
  await expect(startOssDev(options)).rejects.toThrow(/EADDRINUSE/);
  const other = await startOssDev({ ...options, ports: [port, 0] });
  expect(other.port).not.toBe(port);
  await other.stop();
  await new Promise((resolve) => server.close(resolve));
  const oss = await startOssDev(options);
  expect(oss.endpoint).toBe(`http://localhost:${port}`);
  await oss.stop();
});

test('rejects invalid bucket names', async () => {
  const options = { dataDir: await temporaryDirectory(), ...labKey };
  await expect(startOssDev({ ...options, buckets: [] })).rejects.toThrow(/bucket names/);
  await expect(startOssDev({ ...options, buckets: ['../up'] })).rejects.toThrow(/bucket names/);
});

test('uses the clock of the caller', async () => {
  const now = () => Date.parse('2026-01-02T03:04:05Z');
  const oss = await startTestOss({ now });
  const put = { method: 'PUT', key: 'a', body: 'x' };
  expect((await send(oss, signed(oss, put))).status).toBe(403);
  const accepted = await send(oss, signed(oss, { ...put, clockAheadMs: now() - Date.now() }));
  expect([accepted.status, accepted.headers.date]).toEqual([200, 'Fri, 02 Jan 2026 03:04:05 GMT']);
  const got = await send(oss, { path: '/lab-bucket/a' });
  expect(got.headers['last-modified']).toBe('Fri, 02 Jan 2026 03:04:05 GMT');
});
