import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { batchFiles, uploadFiles } from '@pixdock/shared/state/staged/staged-names';
import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { zipOf } from '../batch-formats/testing/zip.js';
import type { RunningApi } from '../start.js';
import { KEY_OF_ALICE, KEY_OF_BOB, startTestApi } from '../testing/start-api.js';

const dataDir = mkdtempSync(join(tmpdir(), 'pixdock-tus-'));
const layout = stagingLayout(dataDir);

let redis: TestRedis;
let api: RunningApi;
beforeAll(async () => {
  redis = await startTestRedis();
  api = await start();
});
afterAll(async () => {
  await api.stop();
  await redis.stop();
  rmSync(dataDir, { recursive: true });
});

/** An API on the same staging. */
const start = (env: Record<string, string> = {}) =>
  startTestApi(redis, dataDir, { MAX_UPLOAD_BYTES: '64KiB', MAX_BATCH_BYTES: '128KiB', ...env });

interface Call {
  key?: string;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
  at?: RunningApi;
}

async function call(
  method: string,
  path: string,
  { key = KEY_OF_ALICE, headers = {}, body, at = api }: Call = {},
) {
  const response = await fetch(`${at.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Tus-Resumable': '1.0.0', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

const metadataOf = (metadata: Record<string, string>) =>
  Object.entries(metadata)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');

async function create(
  length: number,
  metadata: Record<string, string> = {},
  more: Call = {},
): Promise<string> {
  const headers = {
    'Upload-Length': String(length),
    ...(Object.keys(metadata).length === 0 ? {} : { 'Upload-Metadata': metadataOf(metadata) }),
    ...more.headers,
  };
  const created = await call('POST', '/v1/uploads', { ...more, headers });
  expect(created).toMatchObject({ status: 201, body: null });
  return created.headers.get('location') ?? '';
}

const patch = (path: string, offset: number, body: Uint8Array<ArrayBuffer>, more: Call = {}) =>
  call('PATCH', path, {
    ...more,
    headers: {
      'Upload-Offset': String(offset),
      'Content-Type': 'application/offset+octet-stream',
      ...more.headers,
    },
    body,
  });

/** A PATCH whose bytes the caller writes. */
const begin = (path: string, bytes: number) =>
  request(`${api.url}${path}`, {
    method: 'PATCH',
    headers: {
      Authorization: `Bearer ${KEY_OF_ALICE}`,
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': '0',
      'Content-Type': 'application/offset+octet-stream',
      'Content-Length': bytes,
    },
  });

/** The files that this process has open; none where the system does not tell. */
function openFiles(): string[] {
  const folder = '/proc/self/fd';
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))];
    } catch {
      return [];
    }
  });
}

function jpegLike(bytes: number): Buffer<ArrayBuffer> {
  const content = randomBytes(bytes);
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex').copy(content);
  return content;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const imagesNamed = async (externalId: string) =>
  (await call('GET', `/v1/images?externalId=${externalId}`)).body.items;
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true }).filter((name) => String(name).includes('.json'));
const countedUploads = () =>
  redis.connection.zrange(`${redis.settings.prefix}:held:resumable:alice`, '0', '-1');
const idOf = (path: string) => path.split('/').at(-1) ?? '';
const uploadOf = (path: string) => uploadFiles(layout.upload(idOf(path)));

it('makes an image of a file that arrives in pieces, and one image only', async () => {
  const bytes = jpegLike(30_000);
  const path = await create(bytes.length, { externalId: 'pieces', filename: 'a.jpg', sha256: sha256(bytes) });
  const first = await patch(path, 0, bytes.subarray(0, 10_000));
  expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '10000']);
  expect(Date.parse(first.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now());
  const head = await call('HEAD', path);
  expect(head.status).toBe(200);
  expect(await countedUploads()).toContain(path.split('/').at(-1));
  expect(Object.fromEntries(head.headers)).toMatchObject({
    'cache-control': 'no-store',
    'tus-resumable': '1.0.0',
    'upload-length': '30000',
    'upload-metadata': metadataOf({ externalId: 'pieces', filename: 'a.jpg', sha256: sha256(bytes) }),
    'upload-offset': '10000',
  });
  const last = await patch(path, 10_000, bytes.subarray(10_000));
  const id = last.headers.get('pixdock-id');
  expect([last.status, last.headers.get('upload-offset')]).toEqual([204, '30000']);
  expect((await call('GET', `/v1/images/${id}`)).body).toMatchObject({
    id,
    status: 'queued',
    externalId: 'pieces',
    source: { kind: 'upload', filename: 'a.jpg', bytes: 30_000, sha256: sha256(bytes) },
  });
  expect(readFileSync(layout.source(id ?? ''))).toEqual(bytes);

  // A client whose last response was lost asks again.
  for (const again of [await call('HEAD', path), await patch(path, 30_000, Buffer.alloc(0))])
    expect([again.headers.get('upload-offset'), again.headers.get('pixdock-id')]).toEqual(['30000', id]);
  expect((await call('GET', path)).body).toMatchObject({ resource: 'image', offset: 30_000, resourceId: id });
  expect(await imagesNamed('pieces')).toHaveLength(1);
  expect(await countedUploads()).not.toContain(path.split('/').at(-1));
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('HEAD', path)).status).toBe(404);
  expect((await call('GET', `/v1/images/${id}`)).status).toBe(200);
});

it('makes one image also if the server dies before it stores the result, and Redis loses everything', async () => {
  const bytes = jpegLike(1000);
  const path = await create(bytes.length, { externalId: 'lost' });
  const entry = readFileSync(uploadOf(path).entry);
  const loseResult = () => {
    rmSync(layout.finishedUpload(idOf(path)));
    mkdirSync(layout.upload(idOf(path)));
    writeFileSync(uploadOf(path).entry, entry);
    writeFileSync(uploadOf(path).data, bytes);
  };
  const id = (await patch(path, 0, bytes)).headers.get('pixdock-id');
  const idNow = async () => (await call('HEAD', path)).headers.get('pixdock-id');
  loseResult();
  expect(await idNow()).toBe(id);
  // As if it died before it completed the claim.
  loseResult();
  const claims = await redis.connection.keys(`${redis.settings.prefix}:idempotency:*`);
  await redis.connection.del(claims);
  expect(await idNow()).toBe(id);
  loseResult();
  await redis.connection.flushall();
  // Requests are refused until the records are restored.
  await expect.poll(idNow, { timeout: 10_000 }).toBe(id);
  expect(await imagesNamed('lost')).toHaveLength(1);
});

it('refuses bytes below the offset, and appends none of them', async () => {
  const bytes = jpegLike(30);
  const path = await create(bytes.length, { sha256: sha256(bytes) });
  expect((await patch(path, 0, bytes.subarray(0, 10))).status).toBe(204);
  const again = await patch(path, 0, bytes.subarray(0, 10));
  expect(again).toMatchObject({ status: 409, body: { code: 'offset_conflict' } });
  expect(again.headers.get('upload-offset')).toBe('10');
  expect((await call('HEAD', path)).headers.get('upload-offset')).toBe('10');
  expect((await patch(path, 10, bytes.subarray(10))).headers.get('pixdock-id')).toMatch(/^img_/);
});

it('keeps a complete upload whose Idempotency-Key is in use, and finishes it later', async () => {
  const bytes = jpegLike(1000);
  const headers = { 'Idempotency-Key': 'used by both' };
  const path = await create(bytes.length, {}, { headers });
  const other = request(`${api.url}/v1/images`, {
    method: 'POST',
    headers: { ...headers, Authorization: `Bearer ${KEY_OF_ALICE}`, 'Content-Length': String(bytes.length) },
  }).on('error', () => {});
  const claims = () => redis.connection.keys(`${redis.settings.prefix}:idempotency:*`);
  const before = await claims();
  other.write(bytes.subarray(0, 100));
  await expect.poll(async () => (await claims()).length).toBe(before.length + 1);
  expect(await patch(path, 0, bytes)).toMatchObject({
    status: 409,
    body: { code: 'idempotency_in_progress' },
  });
  other.destroy();
  await expectFinished(path);
});

it('keeps a complete upload while its owner has too many waiting images, and finishes it later', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-tus-limits-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const limits = join(folder, 'limits.json');
  writeFileSync(limits, JSON.stringify({ owners: { alice: { waitingImages: 1 } } }));
  const full = await start({ LIMITS_FILE: limits });
  onTestFinished(() => full.stop());
  const bytes = jpegLike(1000);
  // The images of the other tests wait, since there is no worker.
  await patch(await create(bytes.length), 0, jpegLike(1000));
  const path = await create(bytes.length);
  expect(await patch(path, 0, bytes, { at: full })).toMatchObject({
    status: 429,
    body: { code: 'rate_limited' },
  });
  await expectFinished(path);
});

/** A complete upload becomes an image at a HEAD, once nothing prevents it. */
async function expectFinished(path: string): Promise<void> {
  const head = () => call('HEAD', path);
  await expect.poll(async () => (await head()).headers.get('pixdock-id')).toMatch(/^img_/);
}

it('takes the bytes with the creation', async () => {
  const bytes = jpegLike(500);
  const headers = {
    'Upload-Length': '500',
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Checksum': `sha1 ${createHash('sha1').update(bytes).digest('base64')}`,
  };
  const created = await call('POST', '/v1/uploads', { headers, body: bytes });
  expect([created.status, created.headers.get('upload-offset')]).toEqual([201, '500']);
  const image = (await call('GET', `/v1/images/${created.headers.get('pixdock-id')}`)).body;
  expect(image.source.sha256).toBe(sha256(bytes));
});

it('keeps nothing of a creation whose bytes it refuses, because no response has named the upload', async () => {
  const before = filesBelow(layout.uploads);
  const type = { 'Content-Type': 'application/offset+octet-stream' };
  const headers = { ...type, 'Upload-Length': '500', 'Upload-Checksum': 'sha1 AAAA' };
  const refused = await call('POST', '/v1/uploads', { headers, body: jpegLike(300) });
  expect([refused.status, refused.headers.get('location')]).toEqual([460, null]);
  expect(filesBelow(layout.uploads)).toEqual(before);
});

it('makes a batch of a CSV and of a ZIP archive', async () => {
  const csv = Buffer.from('主图,货号\nhttp://nowhere.invalid/1.jpg,a\nhttp://nowhere.invalid/2.jpg,b\n');
  const columns = '主图:url,货号:externalId';
  const rows = await create(csv.length, { resource: 'batch', filename: 'a.csv', columns });
  await patch(rows, 0, csv.subarray(0, 20));
  const id = (await patch(rows, 20, csv.subarray(20))).headers.get('pixdock-id');
  expect((await call('GET', `/v1/batches/${id}`)).body).toMatchObject({ id, total: 2 });
  const { items } = (await call('GET', `/v1/batches/${id}/items`)).body;
  expect(items.map(({ externalId }: { externalId: string }) => externalId)).toEqual(['a', 'b']);

  const archive = zipOf([{ name: '1.jpg', content: 'one' }]) as Buffer<ArrayBuffer>;
  const zip = await create(archive.length, { resource: 'batch', filetype: 'application/zip' });
  const files = (await patch(zip, 0, archive)).headers.get('pixdock-id') ?? '';
  expect((await call('GET', `/v1/batches/${files}`)).body).toMatchObject({ id: files, total: 1 });
  expect(readFileSync(join(layout.batch(files), 'materials', 'archive.zip'))).toEqual(archive);
  expect((await call('HEAD', zip)).headers.get('pixdock-id')).toBe(files);
});

it('refuses a piece that does not match its checksum, and keeps nothing of it', async () => {
  const bytes = jpegLike(2000);
  const path = await create(bytes.length, { externalId: 'checked' });
  const damaged = Buffer.from(bytes.subarray(0, 1000));
  damaged[500] = (damaged[500] ?? 0) ^ 1;
  for (const name of ['sha1', 'sha256', 'sha512', 'md5']) {
    const digest = createHash(name).update(bytes.subarray(0, 1000)).digest('base64');
    const headers = { 'Upload-Checksum': `${name} ${digest}` };
    expect(await patch(path, 0, damaged, { headers })).toMatchObject({
      status: 460,
      body: { code: 'checksum_mismatch' },
    });
    expect((await call('HEAD', path)).headers.get('upload-offset')).toBe('0');
  }
  const contentDigest = `sha-256=:${createHash('sha256').update(bytes.subarray(0, 1000)).digest('base64')}:`;
  const byDigest = await patch(path, 0, damaged, { headers: { 'Content-Digest': contentDigest } });
  expect([byDigest.status, (await call('HEAD', path)).headers.get('upload-offset')]).toEqual([422, '0']);
  const right = `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
  const sent = await patch(path, 0, bytes, { headers: { 'Upload-Checksum': right } });
  expect(sent.headers.get('pixdock-id')).toMatch(/^img_/);
});

const LARGE_BATCH = {
  'Upload-Length': String(128 * 1024 + 1),
  'Upload-Metadata': metadataOf({ resource: 'batch', filetype: 'text/csv' }),
};

it('refuses wrong requests, and changes nothing', async () => {
  const bytes = jpegLike(1000);
  const path = await create(bytes.length);
  const type = { 'Content-Type': 'application/offset+octet-stream' };
  const refusals = [
    [await call('PATCH', path, { headers: { 'Tus-Resumable': '0.2.2' } }), 412, 'protocol_unsupported'],
    [await call('PATCH', path, { headers: type, body: bytes }), 400, 'invalid_request'],
    [await patch(path, 1, bytes.subarray(1)), 409, 'offset_conflict'],
    [
      await patch(path, 0, bytes, { headers: { 'Content-Type': 'image/jpeg' } }),
      415,
      'unsupported_media_type',
    ],
    [await patch(path, 0, jpegLike(1001)), 413, 'payload_too_large'],
    [await patch(path, 0, bytes, { headers: { 'Upload-Checksum': 'crc32 AAAA' } }), 400, 'invalid_request'],
    [await patch(`${path}0`, 0, bytes), 404, 'not_found'],
    [await patch(path, 0, bytes, { key: KEY_OF_BOB }), 404, 'not_found'],
    [await call('DELETE', path, { key: KEY_OF_BOB }), 404, 'not_found'],
    [await call('GET', path, { key: KEY_OF_BOB }), 404, 'not_found'],
    [await call('POST', '/v1/uploads', { headers: LARGE_BATCH }), 413, 'payload_too_large'],
  ] as const;
  for (const [{ status, body, headers }, expected, code] of refusals) {
    expect([status, body.code]).toEqual([expected, code]);
    expect(headers.get('tus-resumable')).toBe('1.0.0');
  }
  expect((await call('HEAD', path)).headers.get('upload-offset')).toBe('0');
  expect((await patch(path, 0, bytes)).headers.get('pixdock-id')).toMatch(/^img_/);
});

it('removes an upload that can never be accepted', async () => {
  const text = Buffer.from('this is not an image');
  const wrong = await create(text.length);
  expect(await patch(wrong, 0, text)).toMatchObject({
    status: 415,
    body: { code: 'unsupported_media_type' },
  });
  expect((await call('HEAD', wrong)).status).toBe(404);
  const bytes = jpegLike(1000);
  const other = await create(bytes.length, { sha256: '0'.repeat(64) });
  expect((await patch(other, 0, bytes)).body.code).toBe('digest_mismatch');
  expect((await call('HEAD', other)).status).toBe(404);
});

it('closes the file of a batch that it refuses before the end', async () => {
  const csv = Buffer.from(`no column of URLs\n${'a\n'.repeat(60_000)}`);
  const path = await create(csv.length, { resource: 'batch', filename: 'a.csv' });
  const id = path.split('/').at(-1) ?? '';
  expect((await patch(path, 0, csv)).body.code).toBe('invalid_request');
  await expect.poll(() => openFiles().filter((file) => file.includes(id))).toEqual([]);
});

it('survives that a sweep removes an upload before it becomes a batch', async () => {
  const archive = zipOf([{ name: '1.jpg', content: 'one' }]) as Buffer<ArrayBuffer>;
  const path = await create(archive.length, { resource: 'batch', filetype: 'application/zip' });
  const folder = dirname(uploadOf(path).data);
  const sending = begin(path, archive.length);
  sending.write(archive.subarray(0, 10));
  await expect.poll(() => readFileSync(uploadOf(path).data).length).toBe(10);
  rmSync(folder, { recursive: true });
  const status = new Promise((resolve) => sending.on('response', (got) => resolve(got.statusCode)));
  sending.end(archive.subarray(10));
  expect(await status).toBe(503);
  expect((await call('HEAD', path)).status).toBe(404);
});

it('makes one image of equal files with the same Idempotency-Key, and refuses another file', async () => {
  const bytes = jpegLike(1000);
  const headers = { 'Idempotency-Key': 'again' };
  const ids = [];
  for (let time = 0; time < 2; time++) {
    const path = await create(bytes.length, {}, { headers });
    ids.push((await patch(path, 0, bytes, { headers })).headers.get('pixdock-id'));
  }
  expect(ids[0]).toMatch(/^img_/);
  expect(ids[1]).toBe(ids[0]);
  const direct = await call('POST', '/v1/images', { headers, body: bytes });
  expect([direct.body.id, direct.headers.get('idempotency-replayed')]).toEqual([ids[0], 'true']);
  const path = await create(1000, {}, { headers });
  expect((await patch(path, 0, jpegLike(1000), { headers })).body.code).toBe('idempotency_conflict');
});

it('ends a request that still waits for bytes when the client resumes at another process', async () => {
  const other = await start();
  onTestFinished(() => other.stop());
  const bytes = jpegLike(20_000);
  const path = await create(bytes.length, { externalId: 'resumed' });
  const hanging = begin(path, bytes.length);
  const ended = new Promise((resolve) => hanging.on('error', resolve).on('response', resolve));
  hanging.write(bytes.subarray(0, 9000));
  await expect.poll(() => readFileSync(uploadOf(path).data).length).toBe(9000);
  const head = await call('HEAD', path, { at: other });
  expect(head.headers.get('upload-offset')).toBe('9000');
  await ended;
  const sent = await patch(path, 9000, bytes.subarray(9000), { at: other });
  const id = sent.headers.get('pixdock-id') ?? '';
  expect((await call('GET', `/v1/images/${id}`)).body.source.sha256).toBe(sha256(bytes));
  expect(await imagesNamed('resumed')).toHaveLength(1);
});

it('lets an upload token send images within its limits, and nothing of others', async () => {
  const made = async (body: object) => {
    const init = { headers: { 'Content-Type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
    return (await call('POST', '/v1/upload-tokens', init)).body.token as string;
  };
  const token = await made({ profile: 'avatar', maxBytes: 1000, maxCount: 1 });
  const other = await made({});
  const length = (bytes: number, more = {}) => ({ 'Upload-Length': String(bytes), ...more });
  const refused = [
    await call('POST', '/v1/uploads', { key: token, headers: length(1001) }),
    await call('POST', '/v1/uploads', {
      key: token,
      headers: length(9, { 'Upload-Metadata': metadataOf({ resource: 'batch', filetype: 'text/csv' }) }),
    }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([413, 403]);
  // Neither a file that is no image nor an upload that its client removes costs the token anything.
  for (let i = 0; i < 3; i++) {
    const text = await create(9, {}, { key: token });
    expect((await patch(text, 0, Buffer.from('no image!'), { key: token })).status).toBe(415);
    expect((await call('DELETE', await create(9, {}, { key: token }), { key: token })).status).toBe(204);
  }
  const bytes = jpegLike(1000);
  const path = await create(bytes.length, {}, { key: token });
  expect((await call('POST', '/v1/uploads', { key: token, headers: length(9) })).status).toBe(403);
  expect((await patch(path, 0, bytes, { key: other })).status).toBe(404);
  const id = (await patch(path, 0, bytes, { key: token })).headers.get('pixdock-id');
  expect((await call('GET', `/v1/images/${id}`, { key: token })).body).toMatchObject({
    id,
    profile: 'avatar',
  });
  // The upload has become an image, so its removal gives nothing back.
  expect((await call('DELETE', path, { key: token })).status).toBe(204);
  expect((await call('POST', '/v1/uploads', { key: token, headers: length(9) })).status).toBe(403);
});

it('refuses a request while another one does not end', async () => {
  const path = await create(1000);
  const key = `${redis.settings.prefix}:upload-lock:${path.split('/').at(-1)}`;
  await redis.connection.set(key, 'a server that does not release it');
  const { status, headers, body } = await patch(path, 0, jpegLike(1000));
  expect([status, headers.get('retry-after'), body.code]).toEqual([423, '1', 'upload_in_use']);
  await redis.connection.del(key);
  expect((await patch(path, 0, jpegLike(1000))).status).toBe(204);
});

it('counts its bytes against the budget of staging, and refuses a file that does not fit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-tus-small-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const small = await start({
    DATA_DIR: folder,
    REDIS_PREFIX: '{small}',
    API_KEYS: `alice:${KEY_OF_ALICE}`,
    STAGING_MAX_BYTES: '200KiB',
  });
  onTestFinished(() => small.stop());
  const length = 120 * 1024;
  const metadata = { resource: 'batch', filetype: 'application/zip' };
  const first = await create(length, metadata, { at: small });
  // An upload without bytes takes no space of others.
  const second = await create(length, metadata, { at: small });
  expect((await patch(first, 0, randomBytes(length - 1), { at: small })).status).toBe(204);
  const refused = await patch(second, 0, randomBytes(length), { at: small });
  expect([refused.status, refused.body.code]).toEqual([503, 'staging_full']);
  expect((await call('DELETE', first, { at: small })).status).toBe(204);
  // The removed bytes are free again with the next count.
  const send = () => patch(second, 0, randomBytes(1000), { at: small });
  await expect.poll(async () => (await send()).status, { timeout: 15_000, interval: 1000 }).toBe(204);
});

it('permits a webhookUrl at the origin of an endpoint, and makes the image or the batch with it', async () => {
  const bytes = jpegLike(9000);
  const webhookUrl = 'https://a.example.com/order/7';
  const image = { externalId: 'hook', filename: 'a.jpg', webhookUrl };
  const headers = { 'Upload-Length': String(bytes.length), 'Upload-Metadata': metadataOf(image) };
  const refused = await call('POST', '/v1/uploads', { headers });
  expect([refused.status, refused.body.detail]).toEqual([
    400,
    expect.stringContaining('https://a.example.com'),
  ]);
  const { body: endpoint } = await call('POST', '/v1/webhooks/endpoints', {
    headers: { 'Content-Type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify({ url: 'https://a.example.com/', events: [] })),
  });
  const path = await create(bytes.length, image);
  const id = (await patch(path, 0, bytes)).headers.get('pixdock-id') ?? '';
  const { record } = JSON.parse(readFileSync(layout.submission(id), 'utf8'));
  const webhook = { endpointId: endpoint.id, url: webhookUrl };
  expect(record.internal.webhook).toEqual(webhook);

  const rows = Buffer.from('{"url":"http://nowhere.invalid/1.jpg"}\n');
  const upload = await create(rows.length, { resource: 'batch', filename: 'a.ndjson', webhookUrl });
  const batchId = (await patch(upload, 0, rows)).headers.get('pixdock-id') ?? '';
  const { entry } = batchFiles(layout.batch(batchId));
  expect(JSON.parse(readFileSync(entry, 'utf8'))).toMatchObject({ webhook });
});
