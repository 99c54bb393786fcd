import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { SourceImage } from '@pixdock/shared/testing/source-behaviours';
import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fetching, openFetching } from './testing/fetching.js';

const MIB = 1024 * 1024;
const image = Buffer.alloc(300_000, 'pixels');
let server: SourceServer;
let fetching: Fetching;
const opened: Fetching[] = [];

beforeAll(async () => {
  server = await startSourceServer({ images: { 'cat.png': { bytes: image, type: 'image/png' } } });
  fetching = upTo(MIB);
});
afterAll(async () => {
  for (const one of opened) await one.stop();
  await server.stop();
});

function upTo(maxBytes: number): Fetching {
  const one = openFetching({ allow: [server.host], maxBytes });
  opened.push(one);
  return one;
}

const encoded = (encoding: string, body: Buffer) =>
  `${server.url}/encoded?encoding=${encodeURIComponent(encoding)}&body=${encodeURIComponent(body.toString('base64'))}`;

describe('a source that was fetched before', () => {
  const ETAG = '"33a64df5"';
  const MODIFIED = 'Wed, 21 Oct 2026 07:28:00 GMT';
  const images: Record<string, SourceImage> = {
    tagged: { bytes: image, type: 'image/png', etag: ETAG, modified: MODIFIED },
    twin: { bytes: image, type: 'image/png', etag: ETAG },
    dated: { bytes: image, type: 'image/png', modified: MODIFIED },
    odd: { bytes: image, type: 'image/png', etag: 'no quotes' },
    empty: { bytes: image, type: 'image/png', etag: '""' },
  };
  let known: SourceServer;
  let client: Fetching;
  beforeAll(async () => {
    known = await startSourceServer({ images });
    client = openFetching({ allow: [known.host] });
    opened.push(client);
  });
  afterAll(() => known.stop());

  async function validatorOf(path: string): Promise<string | null> {
    const ended = await client.fetch(`${known.url}${path}`);
    return ended.outcome === 'fetched' ? ended.validator : null;
  }

  it.each(['/image/odd', '/image/empty'])('has no validator: %s', async (path) => {
    expect(await client.fetch(`${known.url}${path}`)).toMatchObject({ outcome: 'fetched', validator: null });
  });

  it.each([
    '/image/tagged',
    '/image/dated',
    '/image/tagged?unconditional',
    '/image/dated?unconditional',
    `/redirect?to=${encodeURIComponent('/image/tagged')}`,
  ])('is not read again if it is unchanged: %s', async (path) => {
    const ended = await client.fetch(`${known.url}${path}`, {}, await validatorOf(path));
    expect(ended).toEqual({ outcome: 'unchanged', filename: expect.any(String), text: '' });
  });

  it.each([
    ['/image/tagged', ETAG, '"other"'],
    ['/image/tagged', ETAG, `W/${ETAG}`],
    ['/image/dated', '2026', '2025'],
  ])('is read again if it has changed: %s, %s', async (path, now, before) => {
    const validator = (await validatorOf(path))?.replace(now, before) ?? null;
    expect(validator).not.toBeNull();
    const ended = await client.fetch(`${known.url}${path}`, {}, validator);
    expect(ended).toMatchObject({ outcome: 'fetched', text: image.toString('latin1') });
  });

  it('is read at another address with the same ETag', async () => {
    const ended = await client.fetch(`${known.url}/image/twin`, {}, await validatorOf('/image/tagged'));
    expect(ended).toMatchObject({ outcome: 'fetched', text: image.toString('latin1') });
  });

  it('takes a 304 without a condition for a fault', async () => {
    expect(await client.fetch(`${known.url}/status/304`)).toMatchObject({
      outcome: 'failed',
      code: 'source_unreachable',
    });
  });
});

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

  it.each(['zstd', 'compress', 'gzip, gzip', 'aes128gcm'])(
    'is refused if it is encoded as %s',
    async (encoding) => {
      const ended = await fetching.fetch(encoded(encoding, gzipSync('plain')));
      expect(ended).toMatchObject({ outcome: 'failed', code: 'source_unreachable', text: '' });
    },
  );

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
    const ended = await upTo(image.length - 1).fetch(`${server.url}/image/cat.png`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_too_large', text: '' });
  });

  it('is read up to the limit, and no byte beyond it is written', async () => {
    const ended = await fetching.fetch(`${server.url}/endless`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_too_large' });
    expect(ended.text.length).toBeLessThanOrEqual(MIB);
  });

  it('may have exactly as many bytes as are allowed', async () => {
    const exact = upTo(image.length);
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
