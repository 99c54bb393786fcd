import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@pixdock/shared/runtime/log';
import { openCachePurges, type PurgeKind } from '@pixdock/shared/state/cache-purges';
import { openCdnDay } from '@pixdock/shared/state/cdn-day';
import { stagingAt } from '@pixdock/shared/state/folder-staging/open-staging';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { openCdnRefresher } from './refresh-caches.js';

const redis = await startTestRedis();
const { connection, settings } = redis;
afterAll(() => redis.stop());
beforeEach(() => connection.flushall());

const NEVER = new AbortController().signal;
const idOf = (number: number) => `img_${String(number).padStart(32, '0')}`;

/** A CDN over HTTP that accepts URLs or responds with `refusal`, and a refresher with the daily quota `dailyUrls`. */
async function openParts(dailyUrls = 1000) {
  const requests: string[][] = [];
  const logged: unknown[] = [];
  const cdn = {
    requests,
    /** What it responds to a request with these URLs; null if it accepts them. */
    refuse: (_urls: string[]): { status: number; Code?: string } | null => null,
  };
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const urls = (form.get('ObjectPath') ?? '').split('\n');
    const refusal = cdn.refuse(urls);
    if (refusal === null) requests.push(urls);
    const { status, ...body } = refusal ?? { status: 200, RefreshTaskId: '1' };
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dir = await mkdtemp(join(tmpdir(), 'pixdock-cdn-'));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(dir, { recursive: true });
  });
  const { notes } = stagingAt(dir);
  const purges = openCachePurges(notes);
  const day = openCdnDay(connection, settings.prefix);
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keyPair = { accessKeyId: 'id', accessKeySecret: 'secret', securityToken: null };
  const refresher = openCdnRefresher(
    { endpoint, dailyUrls },
    {
      redis: connection,
      prefix: settings.prefix,
      purges,
      day,
      credentials: { get: async () => keyPair, forget() {} },
      log: createLog('test', { destination: { write: (line) => void logged.push(JSON.parse(line)) } }),
    },
    0,
  );
  const add = (number: number, kind: PurgeKind = 'single', owner = 'acme') => {
    const urls = [`https://a/${number}/main`, `https://a/${number}/thumb`];
    return purges.add({ id: idOf(number), owner }, urls, kind);
  };
  return {
    cdn,
    logged,
    add,
    day,
    purges,
    notes,
    waiting: async () => (await purges.next(1000)).total,
    refresh: () => refresher.refresh(NEVER),
  };
}

it('sends all URLs, those of single deletions first, at most 50 in a request', async () => {
  const { cdn, add, day, waiting, refresh } = await openParts();
  for (let i = 0; i < 40; i++) await add(i, 'batch');
  await add(99);
  await refresh();
  expect(cdn.requests.map((urls) => urls.length)).toEqual([50, 32]);
  expect(cdn.requests[0]?.slice(0, 2)).toEqual(['https://a/99/main', 'https://a/99/thumb']);
  expect(await waiting()).toBe(0);
  expect(await day.read(Date.now())).toEqual({ sent: 82, isExhausted: false, refusal: null, waiting: 0 });
});

it('sends no more than the account may refresh in a day, and continues on the next day', async () => {
  const { cdn, add, day, waiting, refresh } = await openParts(4);
  for (let i = 0; i < 3; i++) await add(i);
  await refresh();
  await refresh();
  expect(cdn.requests.flat()).toHaveLength(4);
  expect(await waiting()).toBe(1);
  expect(await day.read(Date.now())).toMatchObject({ sent: 4, isExhausted: true });
  expect(await day.read(Date.now() + 24 * 3600_000)).toMatchObject({ sent: 0, isExhausted: false });
});

it('ends the day if the CDN says that the quota is used up', async () => {
  const { cdn, add, day, waiting, refresh } = await openParts();
  await add(1);
  cdn.refuse = () => ({ status: 400, Code: 'QuotaExceeded.Refresh' });
  await refresh();
  cdn.refuse = () => null;
  await refresh();
  expect(cdn.requests).toEqual([]);
  expect(await waiting()).toBe(1);
  expect(await day.read(Date.now())).toMatchObject({ isExhausted: true, refusal: 'QuotaExceeded.Refresh' });
});

it('keeps the URLs while the CDN refuses them, and sends them once it accepts them', async () => {
  const { cdn, add, day, waiting, refresh } = await openParts();
  await add(1);
  cdn.refuse = () => ({ status: 403, Code: 'Forbidden.RAM' });
  await refresh();
  expect(await day.read(Date.now())).toMatchObject({
    isExhausted: false,
    refusal: 'Forbidden.RAM',
    waiting: 1,
  });
  cdn.refuse = () => null;
  await refresh();
  expect([await waiting(), cdn.requests.flat()]).toEqual([0, ['https://a/1/main', 'https://a/1/thumb']]);
  expect(await day.read(Date.now())).toMatchObject({ refusal: null });
});

it('lets each owner have its turn', async () => {
  const { cdn, add, refresh } = await openParts(100);
  for (let i = 0; i < 60; i++) await add(i);
  await add(98, 'batch', 'other');
  await add(99, 'single', 'third');
  await refresh();
  expect(cdn.requests.flat()).toHaveLength(100);
  const [first] = cdn.requests;
  expect(first).toEqual(expect.arrayContaining(['https://a/98/main', 'https://a/99/main']));
});

it('sends the other URLs if the CDN refuses some, and those again after all others', async () => {
  const { cdn, add, day, waiting, refresh } = await openParts();
  for (let i = 0; i < 30; i++) await add(i);
  const isForeign = (url: string) => url.startsWith('https://a/7/') || url.startsWith('https://a/8/');
  cdn.refuse = (urls) => (urls.some(isForeign) ? { status: 404, Code: 'InvalidDomain.NotFound' } : null);
  await refresh();
  expect(cdn.requests.flat()).toHaveLength(56);
  expect(await waiting()).toBe(2);
  let refusals = 0;
  cdn.refuse = (urls) => {
    if (!urls.some(isForeign)) return null;
    refusals++;
    return { status: 404, Code: 'InvalidDomain.NotFound' };
  };
  await add(31);
  await refresh();
  expect([cdn.requests.flat().length, refusals, await waiting()]).toEqual([58, 1, 2]);
  expect(await day.read(Date.now())).toMatchObject({ refusal: 'InvalidDomain.NotFound', waiting: 2 });
  cdn.refuse = () => null;
  await refresh();
  expect([cdn.requests.flat().length, await waiting()]).toEqual([62, 0]);
});

it('keeps the URLs if something else than the CDN responds', async () => {
  const { cdn, add, day, waiting, refresh } = await openParts();
  await add(1);
  cdn.refuse = () => ({ status: 200 });
  await refresh();
  expect(await waiting()).toBe(1);
  expect(await day.read(Date.now())).toMatchObject({ refusal: 'HTTP 200' });
});

it('counts a refusal that comes after midnight to the day before', async () => {
  const { cdn, add, day, refresh } = await openParts();
  const midnight = Date.parse('2027-02-01T00:00:00+08:00');
  const clock = vi.spyOn(Date, 'now').mockReturnValue(midnight - 1000);
  onTestFinished(() => clock.mockRestore());
  await add(1);
  cdn.refuse = () => {
    clock.mockReturnValue(midnight + 1000);
    return { status: 400, Code: 'QuotaExceeded.Refresh' };
  };
  await refresh();
  expect(await day.read(midnight + 1000)).toMatchObject({ sent: 0, isExhausted: false });
});

it('removes a damaged note, says so, and sends the others', async () => {
  const { cdn, add, purges, notes, refresh, logged } = await openParts();
  await add(1);
  await add(2);
  const [name = ''] = (await purges.next(1)).names;
  await notes.write(name, '[');
  await refresh();
  expect(cdn.requests.flat()).toHaveLength(2);
  expect(await notes.read(name)).toBeNull();
  expect(logged).toEqual([expect.objectContaining({ level: 50, note: name })]);
});
