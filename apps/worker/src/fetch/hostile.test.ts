import { once } from 'node:events';
import { PixdockError } from '@pixdock/contract/error';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSourceClient } from './client.js';
import { connectSocket } from './connect.js';
import { type Fetching, openFetching, refused } from './testing/fetching.js';
import type { SourceLimits } from './types.js';

const MIB = 1024 * 1024;
const image = Buffer.alloc(300_000, 'pixels');
let server: SourceServer;
let fetching: Fetching;
const opened: Fetching[] = [];

beforeAll(async () => {
  const sized = [16, 64, 256].map((kib) => [kib, { bytes: Buffer.alloc(kib * 1024), type: 'image/png' }]);
  const images = { 'cat.png': { bytes: image, type: 'image/png' }, ...Object.fromEntries(sized) };
  server = await startSourceServer({ images });
  fetching = withLimits({});
});
afterAll(async () => {
  for (const one of opened) await one.stop();
  await server.stop();
});

function withLimits(limits: Partial<SourceLimits>): Fetching {
  const one = openFetching({ allow: [server.host], limits, maxBytes: MIB });
  opened.push(one);
  return one;
}

describe('a source that is too slow', () => {
  it.each([
    ['/stall', { headersMs: 60 }, 'did not respond within 0.06'],
    ['/hints', { headersMs: 60 }, 'did not respond within 0.06'],
    ['/stall-body', { idleMs: 60 }, 'sent nothing for 0.06'],
    ['/stall-body?bytes=0', { idleMs: 60 }, 'sent nothing for 0.06'],
    ['/drip?ms=20', { idleMs: 5000, totalMs: 200 }, 'did not finish its response within 0.2'],
    ['/loop', { totalMs: 1, redirects: 1_000_000 }, 'did not finish its response within 0.001'],
  ])('is worth another try: %s', async (path, limits, says) => {
    const ended = await withLimits(limits).fetch(`${server.url}${path}`);
    expect(ended).toMatchObject({ outcome: 'later', code: 'source_timeout', retryAfterMs: null });
    expect(JSON.stringify(ended)).toContain(says);
  });

  it('is not idle while our own disk is', async () => {
    const client = openSourceClient(
      { allow: new Set([server.host]), ports: new Set() },
      { limits: { idleMs: 400 } },
    );
    const request = { url: `${server.url}/image/cat.png`, headers: {}, maxBytes: MIB };
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 800));
    const ended = await client.fetch(request, slow, new AbortController().signal);
    expect(ended.outcome).toBe('fetched');
    await client.stop();
  });

  it.each([16, 64, 256])('may be gone with all its %s KiB sent, while our own disk is slow', async (kib) => {
    const client = openSourceClient({ allow: new Set([server.host]), ports: new Set() });
    const request = { url: `${server.url}/image/${kib}`, headers: {}, maxBytes: MIB };
    let bytes = 0;
    const slow = async (chunk: Buffer) => {
      bytes += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 40));
    };
    const ended = await client.fetch(request, slow, new AbortController().signal);
    expect([ended.outcome, bytes]).toEqual(['fetched', kib * 1024]);
    await client.stop();
  });

  it.each(['resolve', 'connect'] as const)('is given up if it is slow to %s', async (part) => {
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

describe('a source that changes the protocol', () => {
  it('fails with its status, and has its connection closed', async () => {
    const ended = await fetching.fetch(`${server.url}/upgrade`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_unreachable' });
    expect(ended.sentence).toContain('HTTP 101');
    await expect.poll(() => server.open()).toBe(0);
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
  it('ends in time over a connection that was closed before the request', async () => {
    const client = openSourceClient(
      { allow: new Set([server.host]), ports: new Set() },
      {
        limits: { headersMs: 60 },
        async connect(target, signal) {
          const socket = await connectSocket(target, signal);
          await once(socket.destroy(), 'close');
          return socket;
        },
      },
    );
    const ended = await client.fetch(request('/image/cat.png'), async () => {}, new AbortController().signal);
    expect(ended).toMatchObject({ outcome: 'later', code: 'source_timeout' });
  });

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
