import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { PixdockError } from '@pixdock/shared/errors';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSourceClient } from './client.js';
import { type Fetching, openFetching, refused } from './testing/fetching.js';
import type { SourceLimits } from './types.js';

const MIB = 1024 * 1024;
const image = Buffer.alloc(300_000, 'pixels');
let server: SourceServer;
let fetching: Fetching;
const opened: Fetching[] = [];

beforeAll(async () => {
  server = await startSourceServer({ images: { 'cat.png': { bytes: image, type: 'image/png' } } });
  fetching = withLimits({});
});
afterAll(async () => {
  for (const one of opened) await one.stop();
  await server.stop();
});

function withLimits(limits: Partial<SourceLimits>, maxBytes = MIB): Fetching {
  const one = openFetching({ allow: [server.host], limits, maxBytes });
  opened.push(one);
  return one;
}

const encoded = (encoding: string, body: Buffer) =>
  `${server.url}/encoded?encoding=${encodeURIComponent(encoding)}&body=${encodeURIComponent(body.toString('base64'))}`;

describe('an image', () => {
  it('is written whole', async () => {
    const ended = await fetching.fetch(`${server.url}/image/cat.png`);
    expect(ended).toMatchObject({ outcome: 'fetched', declaredType: 'image/png', filename: 'cat.png' });
    expect(ended.text).toBe(image.toString('latin1'));
  });

  it.each([
    ['identity', Buffer.from('plain')],
    ['gzip', gzipSync('plain')],
    ['x-gzip', gzipSync('plain')],
    ['GZIP', gzipSync('plain')],
    ['deflate', deflateSync('plain')],
    ['br', brotliCompressSync('plain')],
  ])('is decoded from %s', async (encoding, body) => {
    expect(await fetching.fetch(encoded(encoding, body))).toMatchObject({
      outcome: 'fetched',
      text: 'plain',
    });
  });

  it.each(['zstd', 'compress', 'gzip, gzip', 'aes128gcm'])('in %s is refused', async (encoding) => {
    const ended = await fetching.fetch(encoded(encoding, gzipSync('plain')));
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_unreachable', text: '' });
  });

  it.each([
    ['gzip', gzipSync(image)],
    ['deflate', deflateSync(image)],
    ['br', brotliCompressSync(image)],
  ])('that is broken or cut in %s is worth another try', async (encoding, whole) => {
    for (const body of [whole.subarray(0, whole.length / 2), Buffer.from('not compressed at all')])
      expect(await fetching.fetch(encoded(encoding, body))).toMatchObject({
        outcome: 'later',
        code: 'source_unreachable',
      });
  });
});

describe('a status', () => {
  it.each([
    [400, 'failed', 'source_unreachable'],
    [401, 'failed', 'source_denied'],
    [402, 'failed', 'source_denied'],
    [403, 'failed', 'source_denied'],
    [404, 'failed', 'source_not_found'],
    [407, 'failed', 'source_denied'],
    [408, 'later', 'source_unreachable'],
    [410, 'failed', 'source_not_found'],
    [418, 'failed', 'source_unreachable'],
    [429, 'later', 'source_unreachable'],
    [451, 'failed', 'source_denied'],
    [500, 'later', 'source_unreachable'],
    [502, 'later', 'source_unreachable'],
    [503, 'later', 'source_unreachable'],
    [204, 'failed', 'source_unreachable'],
    [206, 'failed', 'source_unreachable'],
    [300, 'failed', 'source_unreachable'],
    [304, 'failed', 'source_unreachable'],
  ])('%i ends as %s %s, and is named', async (status, outcome, code) => {
    const ended = await fetching.fetch(`${server.url}/status/${status}`);
    expect(ended).toMatchObject({ outcome, code, text: '' });
    const said = JSON.stringify(ended);
    expect(said).toContain(`HTTP ${status}`);
    expect(said).not.toMatch(/must not leak|127\.0\.0\.1/);
  });

  it('comes with the time that the source asks for', async () => {
    const seconds = await fetching.fetch(`${server.url}/status/503?retry-after=7`);
    expect(seconds).toMatchObject({ outcome: 'later', retryAfterMs: 7000 });
    const date = encodeURIComponent(new Date(Date.now() + 60_000).toUTCString());
    const dated = await fetching.fetch(`${server.url}/status/429?retry-after=${date}`);
    const ms = dated.outcome === 'later' ? dated.retryAfterMs : null;
    expect(ms).toBeGreaterThan(30_000);
    expect(ms).toBeLessThanOrEqual(60_000);
    expect(await fetching.fetch(`${server.url}/status/500`)).toMatchObject({ retryAfterMs: null });
  });
});

describe('a source that is too large', () => {
  it('is not read when it says so', async () => {
    const ended = await withLimits({}, image.length - 1).fetch(`${server.url}/image/cat.png`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_too_large', text: '' });
  });

  it('is read up to the limit, and no byte beyond it is written', async () => {
    const ended = await fetching.fetch(`${server.url}/endless`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_too_large' });
    expect(ended.text.length).toBeLessThanOrEqual(MIB);
  });

  it('may have exactly as many bytes as are allowed', async () => {
    const exact = withLimits({}, image.length);
    expect(await exact.fetch(`${server.url}/image/cat.png`)).toMatchObject({ outcome: 'fetched' });
  });

  it('is stopped by its decoded bytes, with little memory', async () => {
    const before = process.memoryUsage().rss;
    const ended = await fetching.fetch(`${server.url}/gzip-bomb?mib=1024`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_too_large' });
    expect(ended.text.length).toBeLessThanOrEqual(MIB);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  });

  it('is stopped by its own bytes when they decode to nothing', async () => {
    const ended = await fetching.fetch(`${server.url}/gzip-nothing`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_too_large', text: '' });
  });
});

describe('a source that is too slow', () => {
  it.each([
    ['/stall', { headersMs: 60 }, 'did not answer within 0.06'],
    ['/stall-body', { idleMs: 60 }, 'sent nothing for 0.06'],
    ['/stall-body?bytes=0', { idleMs: 60 }, 'sent nothing for 0.06'],
    ['/drip?ms=20', { idleMs: 5000, totalMs: 200 }, 'to its end within 0.2'],
    ['/loop', { totalMs: 1, redirects: 1_000_000 }, 'to its end within 0.001'],
  ])('is worth another try: %s', async (path, limits, says) => {
    const ended = await withLimits(limits).fetch(`${server.url}${path}`);
    expect(ended).toMatchObject({ outcome: 'later', code: 'source_timeout', retryAfterMs: null });
    expect(JSON.stringify(ended)).toContain(says);
  });

  it('is not idle while our own disk is', async () => {
    const client = openSourceClient(
      { allow: new Set([server.host]), ports: new Set() },
      { limits: { idleMs: 40 } },
    );
    const request = { url: `${server.url}/image/cat.png`, headers: {}, maxBytes: MIB };
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 80));
    const ended = await client.fetch(request, slow, new AbortController().signal);
    expect(ended.outcome).toBe('fetched');
    await client.stop();
  });

  it.each(['resolve', 'connect'] as const)('to %s is given up', async (part) => {
    const client = openSourceClient(
      { allow: new Set(), ports: new Set([80]) },
      {
        limits: { connectMs: 50 },
        resolve: () => (part === 'resolve' ? new Promise(() => {}) : Promise.resolve(['8.8.8.8'])),
        connect: (_target, signal) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(refused()))),
      },
    );
    const request = { url: 'http://cdn.shop.com/', headers: {}, maxBytes: 1 };
    const ended = await client.fetch(request, async () => {}, new AbortController().signal);
    expect(ended).toMatchObject({ outcome: 'later', code: 'source_timeout' });
  });
});

describe('a source that breaks off or speaks no HTTP', () => {
  it.each([
    '/reset',
    '/reset-body',
    '/reset-open',
    '/cut',
    '/cut-chunked',
    '/lie?length=11',
    '/lie?length=-1',
    '/lie?length=ten',
    '/close',
    '/garbage',
    '/headers?bytes=1000000',
  ])('is worth another try: %s', async (path) => {
    const ended = await fetching.fetch(`${server.url}${path}`);
    expect(ended).toMatchObject({ outcome: 'later', code: 'source_unreachable', retryAfterMs: null });
    expect(JSON.stringify({ ...ended, text: '' })).not.toMatch(/127\.0\.0\.1|OpenSSH|ten bytes|UND_ERR/);
  });

  it('is read as far as it says', async () => {
    const ended = await fetching.fetch(`${server.url}/lie?length=3`);
    expect(ended).toMatchObject({ outcome: 'fetched', text: 'ten' });
  });

  it('is asked once, over one connection', async () => {
    const before = [server.hits(), fetching.targets.length];
    await fetching.fetch(`${server.url}/close`);
    expect([server.hits(), fetching.targets.length]).toEqual(before.map((count) => count + 1));
  });

  it('may refuse the connection', async () => {
    const gone = await startSourceServer();
    await gone.stop();
    const one = openFetching({ allow: [gone.host] });
    const ended = await one.fetch(gone.url);
    expect(ended).toMatchObject({ outcome: 'later', code: 'source_unreachable' });
    expect(JSON.stringify(ended)).toContain('ECONNREFUSED');
    expect(JSON.stringify(ended)).not.toContain('127.0.0.1');
    await one.stop();
  });
});

describe('a fetch', () => {
  const open = () => openSourceClient({ allow: new Set([server.host]), ports: new Set() });
  const request = (path: string) => ({ url: `${server.url}${path}`, headers: {}, maxBytes: 1000 * MIB });

  it.each(['/stall', '/stall-body', '/drip', '/endless'])(
    'ends with the reason of its signal: %s',
    async (path) => {
      const client = open();
      const stop = new AbortController();
      const reason = new Error('the worker is stopping');
      const going = client.fetch(request(path), async () => {}, stop.signal);
      const ended = expect(going).rejects.toBe(reason);
      await expect.poll(() => server.open()).toBe(1);
      stop.abort(reason);
      await ended;
      await expect.poll(() => server.open()).toBe(0);
      await client.stop();
    },
  );

  it('does not wait for a name when its signal has aborted', async () => {
    const client = openSourceClient(
      { allow: new Set(), ports: new Set([80]) },
      { resolve: () => new Promise(() => {}) },
    );
    const reason = new Error('too late');
    const unresolved = { url: 'http://cdn.shop.com/', headers: {}, maxBytes: 1 };
    await expect(client.fetch(unresolved, async () => {}, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('does not begin when its signal has aborted', async () => {
    const before = server.hits();
    const reason = new Error('too late');
    const going = open().fetch(request('/image/cat.png'), async () => {}, AbortSignal.abort(reason));
    await expect(going).rejects.toBe(reason);
    expect(server.hits()).toBe(before);
  });

  it.each(['/image/cat.png', '/endless', '/gzip-bomb', '/drip'])(
    'ends at once with the very error of `write`: %s',
    async (path) => {
      const client = open();
      const wrong = new PixdockError('unsupported_media_type');
      let writes = 0;
      const write = async () => {
        writes++;
        throw wrong;
      };
      await expect(client.fetch(request(path), write, new AbortController().signal)).rejects.toBe(wrong);
      expect(writes).toBe(1);
      await expect.poll(() => server.open()).toBe(0);
      await client.stop();
    },
  );

  it.each([
    ["this machine's", Object.assign(new Error('socket'), { code: 'EMFILE' })],
    ["the program's", new TypeError('undefined is not a function')],
  ])('lets %s own faults through', async (_whose, full) => {
    const client = openSourceClient(
      { allow: new Set(), ports: new Set([80]) },
      { resolve: async () => ['8.8.8.8'], connect: () => Promise.reject(full) },
    );
    const going = client.fetch(
      { url: 'http://cdn.shop.com/', headers: {}, maxBytes: 1 },
      async () => {},
      new AbortController().signal,
    );
    await expect(going).rejects.toBe(full);
  });

  it('ends when the client stops', async () => {
    const client = open();
    const ended = expect(
      client.fetch(request('/stall'), async () => {}, new AbortController().signal),
    ).rejects.toThrow('stopping');
    await expect.poll(() => server.open()).toBe(1);
    await client.stop();
    await ended;
    await expect.poll(() => server.open()).toBe(0);
  });
});
