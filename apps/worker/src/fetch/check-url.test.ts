import { describe, expect, it } from 'vitest';
import { isolated, PUBLIC } from './testing/isolated.js';

describe('a URL', () => {
  it.each([
    'http://user@shop.com/',
    'http://user:secret@shop.com/',
    'http://:secret@shop.com/',
    'http://shop.com@127.0.0.1/',
    'http://shop.com:22/',
    'http://shop.com:6379/',
    'https://shop.com:8080/',
    'http://shop.com:0/',
    'file:///etc/passwd',
    'ftp://shop.com/a.png',
    'gopher://shop.com/_x',
    'data:image/png;base64,AAAA',
    'blob:http://shop.com/x',
    'ws://shop.com/',
    'javascript:alert(1)',
    '//shop.com/a.png',
    '/a.png',
    'http://',
    'http://[::1',
    `http://shop.com/${'a'.repeat(8200)}`,
  ])('is refused: %s', async (url) => {
    const { fetch, targets, resolved } = isolated({ 'shop.com': [PUBLIC] });
    expect(await fetch(url)).toMatchObject({ outcome: 'failed', code: 'source_forbidden' });
    expect([targets, resolved]).toEqual([[], []]);
  });

  it('may name port 443 with http, and the other way round', async () => {
    const { fetch, targets } = isolated({ 'shop.com': [PUBLIC] });
    await fetch('http://shop.com:443/');
    await fetch('https://shop.com:80/');
    expect(targets).toEqual([
      { address: PUBLIC, port: 443, tlsName: null },
      { address: PUBLIC, port: 80, tlsName: 'shop.com' },
    ]);
  });

  it('says which rule refused it', async () => {
    const details = [
      'ftp://shop.com',
      'http://a@shop.com',
      'http://shop.com:22',
      'http://redis',
      'http://[::1]',
    ];
    const said = new Set<string>();
    for (const url of details) said.add(JSON.stringify(await isolated().fetch(url)));
    expect(said.size).toBe(details.length);
  });
});

describe('SOURCE_ALLOW', () => {
  const inside = { redis: ['10.0.0.9'], 'img.intranet': ['10.0.0.5'] };

  it.each([
    ['http://10.0.0.5:9000/', '10.0.0.5:9000', '10.0.0.5'],
    ['http://167772165:9000/', '10.0.0.5:9000', '10.0.0.5'],
    ['http://img.intranet:8080/', 'img.intranet:8080', '10.0.0.5'],
    ['http://IMG.intranet.:8080/', 'img.intranet:8080', '10.0.0.5'],
    ['http://[fd00::5]/', '[fd00::5]:80', 'fd00::5'],
  ])('exempts %s by %s', async (url, entry, address) => {
    const { fetch, targets } = isolated(inside, [entry]);
    await fetch(url);
    expect(targets.map((target) => target.address)).toEqual([address]);
  });

  it.each([
    ['http://10.0.0.5:9001/', '10.0.0.5:9000'],
    ['http://10.0.0.5/', '10.0.0.5:9000'],
    ['http://10.0.0.6:9000/', '10.0.0.5:9000'],
    ['http://img.intranet:80/', 'img.intranet:8080'],
    ['http://a.img.intranet:8080/', 'img.intranet:8080'],
    ['ftp://img.intranet:8080/', 'img.intranet:8080'],
    ['http://user@img.intranet:8080/', 'img.intranet:8080'],
  ])('does not exempt %s by %s', async (url, entry) => {
    const { fetch, targets } = isolated(inside, [entry]);
    expect(await fetch(url)).toMatchObject({ outcome: 'failed', code: 'source_forbidden' });
    expect(targets).toEqual([]);
  });

  it('does not exempt a name that resolves to an exempt address', async () => {
    const { fetch, targets } = isolated({ 'evil.com': ['10.0.0.5'] }, ['10.0.0.5:80']);
    expect(await fetch('http://evil.com/')).toMatchObject({ code: 'source_forbidden' });
    expect(targets).toEqual([]);
  });

  it('never connects to an answer that is a name', async () => {
    const { fetch, targets } = isolated({ 'img.intranet': ['other.name'] }, ['img.intranet:80']);
    expect(await fetch('http://img.intranet/')).toMatchObject({ code: 'source_forbidden' });
    expect(targets).toEqual([]);
  });
});
