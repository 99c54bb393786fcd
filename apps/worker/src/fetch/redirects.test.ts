import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fetching, openFetching } from './testing/fetching.js';

const images = { 'cat.png': { bytes: Buffer.from('a cat'), type: 'image/png' } };
let server: SourceServer;
let other: SourceServer;
let fetching: Fetching;

beforeAll(async () => {
  server = await startSourceServer({ images });
  other = await startSourceServer({ images });
  fetching = openFetching({ allow: [server.host, other.host], names: { 'inside.shop.com': ['10.0.0.5'] } });
});
afterAll(async () => {
  await fetching.stop();
  await server.stop();
  await other.stop();
});

const to = (location: string, status = 302) =>
  `${server.url}/redirect?status=${status}&to=${encodeURIComponent(location)}`;

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('is followed: %i', async (status) => {
    const ended = await fetching.fetch(to('/image/cat.png', status));
    expect(ended).toEqual({
      outcome: 'fetched',
      validator: null,
      declaredType: 'image/png',
      filename: 'cat.png',
      text: 'a cat',
    });
  });

  it.each(['/image/cat.png', 'image/cat.png', './image/../image/cat.png#part', '?to=%2Fimage%2Fcat.png'])(
    'may be relative: %s',
    async (location) => expect(await fetching.fetch(to(location))).toMatchObject({ text: 'a cat' }),
  );

  it('is resolved against the URL that responded with it, not the first one', async () => {
    // `/hops/2` leads to `1`, and that to `../image/cat.png`.
    expect(await fetching.fetch(to('/hops/2'))).toMatchObject({ outcome: 'fetched', text: 'a cat' });
  });

  it('may name its target in plain UTF-8', async () => {
    const raw = Buffer.from('/image/cat.png/猫').toString('latin1');
    expect(await fetching.fetch(to(raw))).toMatchObject({ text: 'a cat', filename: '猫' });
  });

  it('may lead to another host, by its own connection', async () => {
    const before = fetching.targets.length;
    expect(await fetching.fetch(to(`${other.url}/image/cat.png`))).toMatchObject({ text: 'a cat' });
    expect(fetching.targets.slice(before).map((target) => `127.0.0.1:${target.port}`)).toEqual([
      server.host,
      other.host,
    ]);
  });

  it('is followed five times, and no more', async () => {
    expect(await fetching.fetch(`${server.url}/hops/5`)).toMatchObject({ outcome: 'fetched', text: 'a cat' });
    const before = server.hits();
    const ended = await fetching.fetch(`${server.url}/hops/6`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_unreachable', text: '' });
    expect(server.hits() - before).toBe(6);
  });

  it('ends if it leads to itself', async () => {
    const ended = await fetching.fetch(`${server.url}/loop`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_unreachable' });
    expect(server.hits('/loop')).toBe(6);
  });

  it('is final without a Location', async () => {
    const ended = await fetching.fetch(`${server.url}/redirect?status=308`);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_unreachable' });
    expect(JSON.stringify(ended)).toContain('HTTP 308');
  });

  it.each([
    'file:///etc/passwd',
    'ftp://shop.com/',
    'gopher://127.0.0.1:6379/_x',
    'data:image/png;base64,AAAA',
    'http://user:secret@shop.com/',
    '//user@shop.com/',
    'http://shop.com:22/',
    'http://127.0.0.1/',
    'http://127.0.0.1:6379/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://100.100.100.200/latest/meta-data/ram/security-credentials/',
    'http://169.254.169.254/',
    'http://localhost./',
    'http://foo.localhost/',
    'http://redis/',
    '//100.100.100.200/',
    'http://inside.shop.com/',
    'http://',
  ])('goes through the guard: %s', async (location) => {
    const before = fetching.targets.length;
    const ended = await fetching.fetch(to(location));
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_forbidden', text: '' });
    expect(fetching.targets.length - before).toBe(1);
    expect(JSON.stringify(ended)).toContain('redirects to');
    expect(JSON.stringify(ended)).not.toContain('http://');
  });

  it('is not exempt once it leaves an exempt host', async () => {
    const alone = openFetching({ allow: [server.host] });
    const ended = await alone.fetch(to(`${other.url}/image/cat.png`));
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_forbidden' });
    expect(alone.targets).toHaveLength(1);
    await alone.stop();
  });
});

describe('headers', () => {
  const item = { authorization: 'Bearer s3cret', referer: 'https://shop.com/', 'user-agent': 'Shop/1' };

  it('are our own few, and nothing else', async () => {
    const { text } = await fetching.fetch(`${server.url}/echo`);
    expect(JSON.parse(text)).toEqual({
      host: server.host,
      connection: 'close',
      'user-agent': 'Pixdock',
      'accept-encoding': 'identity',
    });
  });

  it("are the item's too, as far as the list of headers allows", async () => {
    const { text } = await fetching.fetch(`${server.url}/echo`, { ...item, cookie: 'a=b', host: 'shop.com' });
    expect(JSON.parse(text)).toEqual({
      host: server.host,
      connection: 'close',
      'accept-encoding': 'identity',
      ...item,
    });
  });

  it('are kept within an origin', async () => {
    const { text } = await fetching.fetch(to('/echo'), item);
    expect(JSON.parse(text)).toMatchObject(item);
  });

  it('are dropped where the origin changes', async () => {
    const { text } = await fetching.fetch(to(`${other.url}/echo`), item);
    expect(JSON.parse(text)).toMatchObject({ host: other.host, 'user-agent': 'Pixdock' });
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain('shop.com');
  });

  it('do not come back when the origin does', async () => {
    const back = `${other.url}/redirect?to=${encodeURIComponent(`${server.url}/echo`)}`;
    const { text } = await fetching.fetch(to(back), item);
    expect(JSON.parse(text)).toMatchObject({ host: server.host, 'user-agent': 'Pixdock' });
    expect(text).not.toContain('s3cret');
  });

  it('are in no outcome', async () => {
    for (const path of ['/status/401', '/reset', '/garbage', '/cut', '/redirect?to=http://127.0.0.1/']) {
      const said = JSON.stringify(await fetching.fetch(`${server.url}${path}`, item));
      expect(said).not.toMatch(/s3cret|shop\.com|127\.0\.0\.1/);
    }
  });
});

describe('the name of a host', () => {
  it('stays in Host though its address is connected to', async () => {
    const [, port] = server.host.split(':');
    const named = openFetching({ allow: [`img.shop.com:${port}`], names: { 'img.shop.com': ['127.0.0.1'] } });
    const { text } = await named.fetch(`http://img.shop.com:${port}/echo`);
    expect(JSON.parse(text)).toMatchObject({ host: `img.shop.com:${port}` });
    expect(named.targets).toEqual([{ address: '127.0.0.1', port: Number(port), tlsName: null }]);
    await named.stop();
  });
});
