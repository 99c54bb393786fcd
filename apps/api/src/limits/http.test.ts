import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { bytesBelow } from '@pixdock/shared/state/folder-staging/staged-bytes';
import { startTestRedis, type TestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { KEY_OF_ALICE, KEY_OF_BOB, startTestApi } from '../testing/start-api.js';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => void (await redis.connection.flushall()));

async function start(limits: object, env: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'pixdock-limits-http-'));
  const file = join(dataDir, 'limits.json');
  writeFileSync(file, JSON.stringify({ default: limits }));
  const api = await startTestApi(redis, dataDir, { LIMITS_FILE: file, ...env });
  onTestFinished(async () => {
    await api.stop();
    rmSync(dataDir, { recursive: true });
  });
  const call = async (path: string, init: RequestInit & { owner?: string } = {}) => {
    const { owner = 'alice', headers, ...rest } = init;
    const key = owner === 'alice' ? KEY_OF_ALICE : KEY_OF_BOB;
    const response = await fetch(`${api.url}${path}`, {
      ...rest,
      headers: { Authorization: `Bearer ${key}`, ...(headers as object) },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    };
  };
  return { url: api.url, dataDir, call };
}

type Api = Awaited<ReturnType<typeof start>>;

const jpeg = (bytes = 100) => {
  const content = Buffer.alloc(bytes, 0x5a);
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex').copy(content);
  return content;
};
const upload = (api: Api, owner = 'alice', headers = {}) =>
  api.call('/v1/images', { method: 'POST', body: jpeg(), owner, headers });

/** Starts an upload and sends only the beginning of its body. */
function beginUpload({ url }: Api, declared: number, expect100 = false): ClientRequest {
  const begun = request(`${url}/v1/images`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${KEY_OF_ALICE}`,
      'Content-Length': declared,
      ...(expect100 ? { Expect: '100-continue' } : {}),
    },
  });
  begun.on('error', () => {});
  onTestFinished(() => void begun.destroy());
  if (!expect100) begun.write(jpeg());
  return begun;
}

const arriving = ({ dataDir }: Api) => readdirSync(join(dataDir, 'staging', 'incoming')).length;

it('reports the rate in responses, and refuses requests over it', async () => {
  const api = await start({ postsPerMinute: 2, getsPerMinute: 2 });
  const first = await upload(api);
  expect(first.status).toBe(202);
  expect(first.headers.get('ratelimit-policy')).toBe('"posts";q=2;w=60');
  expect(first.headers.get('ratelimit')).toMatch(/^"posts";r=1;t=(60|5\d)$/);
  await api.call(`/v1/images/${first.body.id}`, { method: 'DELETE' });
  const refused = await upload(api, 'alice', { 'Accept-Language': 'zh' });
  expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
  expect(refused.body.detail).toMatch(/POST 与 DELETE 请求超过 2 次/);
  expect(refused.headers.get('ratelimit')).toMatch(/^"posts";r=0;t=\d+$/);
  expect(refused.headers.get('retry-after')).toMatch(/^(60|5\d)$/);
  expect((await upload(api, 'bob')).status).toBe(202);

  const reads = [await api.call('/v1/images'), await api.call('/v1/images'), await api.call('/v1/images')];
  expect(reads.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(reads.map(({ headers }) => headers.get('ratelimit')?.replace(/t=.*/, ''))).toEqual([
    undefined,
    '"gets";r=0;',
    '"gets";r=0;',
  ]);
  expect(reads[2]?.headers.get('ratelimit-policy')).toBe('"gets";q=2;w=60');
  expect(reads[2]?.body.detail).toMatch(/more than 2 GET requests in a minute/);
});

it('refuses a body over the limit before it is sent, and admits another when one has ended', async () => {
  const api = await start({ uploads: 2 });
  const first = beginUpload(api, 1000);
  beginUpload(api, 1000);
  await expect.poll(() => arriving(api)).toBe(2);
  const third = beginUpload(api, 1000, true);
  let wasAsked = false;
  third.on('continue', () => {
    wasAsked = true;
  });
  third.flushHeaders();
  const [refused] = (await once(third, 'response')) as [IncomingMessage];
  expect([refused.statusCode, wasAsked, arriving(api)]).toEqual([429, false, 2]);
  expect(refused.headers['ratelimit-policy']).toBe('"uploads";q=2;qu="concurrent-requests"');
  expect(refused.headers['retry-after']).toBe('1');
  // The body of a look-up counts too, and so does one that the route does not take.
  const lookup = await api.call('/v1/images/lookup', { method: 'POST', body: '{"sha256":[]}' });
  const unexpected = await api.call('/v1/images/x/retry', { method: 'POST', body: '{}' });
  expect([lookup.status, unexpected.status]).toEqual([429, 429]);
  expect((await upload(api, 'bob')).status).toBe(202);

  first.destroy();
  await expect.poll(async () => (await upload(api)).status).toBe(202);
  expect(arriving(api)).toBe(1);
});

it('releases an upload when its body has arrived', async () => {
  const api = await start({ uploads: 1 });
  const waiting = new AbortController();
  const wait = api.call('/v1/images', {
    method: 'POST',
    body: jpeg(),
    headers: { Prefer: 'wait=30' },
    signal: waiting.signal,
  });
  await expect.poll(async () => (await api.call('/v1/images')).body.items.length).toBe(1);
  expect((await upload(api)).status).toBe(202);
  waiting.abort();
  await wait.catch(() => {});
});

it('refuses a GET over the limit of waits, and responds to a POST without waiting', async () => {
  const api = await start({ waits: 1 });
  const { id } = (await upload(api)).body;
  const waiting = new AbortController();
  const wait = api.call(`/v1/images/${id}`, { headers: { Prefer: 'wait=30' }, signal: waiting.signal });
  const key = `${redis.settings.prefix}:held:waits:alice`;
  await expect.poll(() => redis.connection.zcard(key)).toBe(1);
  const refused = await api.call(`/v1/images/${id}`, { headers: { Prefer: 'wait=30' } });
  expect([refused.status, refused.headers.get('preference-applied')]).toEqual([429, null]);
  expect(refused.headers.get('ratelimit-policy')).toBe('"waits";q=1;qu="concurrent-requests"');
  const accepted = await upload(api, 'alice', { Prefer: 'wait=30' });
  expect([accepted.status, accepted.headers.get('preference-applied')]).toEqual([202, null]);
  expect((await api.call(`/v1/images/${id}`)).status).toBe(200);
  waiting.abort();
  await wait.catch(() => {});
  await expect.poll(() => redis.connection.zcard(key)).toBe(0);
});

it('counts a stream as a wait until its client disconnects', async () => {
  const api = await start({ waits: 1 });
  const client = new AbortController();
  const headers = { Authorization: `Bearer ${KEY_OF_ALICE}` };
  const stream = await fetch(`${api.url}/v1/events`, { headers, signal: client.signal });
  expect(stream.status).toBe(200);
  const refused = await api.call('/v1/events');
  expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
  expect((await api.call('/v1/events', { method: 'HEAD' })).status).toBe(200);
  client.abort();
  const key = `${redis.settings.prefix}:held:waits:alice`;
  await expect.poll(() => redis.connection.zcard(key)).toBe(0);
});

it('refuses a batch in the middle of its input, and leaves nothing behind', async () => {
  const api = await start({ itemsPerHour: 50 });
  const send = (rows: number) =>
    api.call('/v1/batches', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-ndjson' },
      body: '{"url":"https://a.example/1.jpg"}\n'.repeat(rows),
    });
  const refused = await send(51);
  expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
  expect(refused.headers.get('ratelimit-policy')).toBe('"items";q=50;w=3600');
  expect((await api.call('/v1/batches')).body.items).toEqual([]);
  const { dataDir } = api;
  expect([arriving(api), readdirSync(join(dataDir, 'staging', 'batches')).length]).toEqual([0, 0]);
  expect((await send(50)).status).toBe(202);
  expect((await send(1)).status).toBe(429);
});

it('keeps staging for others while an owner sends slowly', async () => {
  const api = await start({ uploads: 1000 }, { STAGING_MAX_BYTES: '256MiB' });
  for (let i = 0; i < 40; i++) beginUpload(api, 20 * 1024 ** 2);
  await expect.poll(() => arriving(api), { timeout: 10_000 }).toBeGreaterThan(5);
  for (let i = 0; i < 10; i++) expect((await upload(api, 'bob')).status).toBe(202);
});

it('counts the bytes of an upload in progress', async () => {
  const MIB = 1024 ** 2;
  const api = await start({ stagingShare: 1 }, { STAGING_MAX_BYTES: '8MiB', MAX_UPLOAD_BYTES: '8MiB' });
  const begun = beginUpload(api, 5 * MIB);
  begun.write(Buffer.alloc(4 * MIB));
  const { incoming } = stagingLayout(api.dataDir);
  await expect.poll(() => bytesBelow(incoming), { timeout: 10_000 }).toBeGreaterThan(4 * MIB);
  const other = beginUpload(api, 3.5 * MIB, true);
  other.flushHeaders();
  const [refused] = (await once(other, 'response')) as [IncomingMessage];
  expect(refused.statusCode).toBe(503);
});

it('applies no limit with one owner', async () => {
  const api = await start(
    { postsPerMinute: 1, getsPerMinute: 1 },
    { API_KEYS: `alice:${KEY_OF_ALICE},alice:${KEY_OF_BOB}` },
  );
  for (let i = 0; i < 3; i++) expect((await upload(api)).status).toBe(202);
  const list = await api.call('/v1/images');
  expect([list.status, list.headers.get('ratelimit')]).toEqual([200, null]);
});
