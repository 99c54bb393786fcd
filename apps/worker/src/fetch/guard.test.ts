import { describe, expect, it } from 'vitest';
import { openSourceClient } from './client.js';
import { refused } from './testing/fetching.js';
import { isolated, PUBLIC } from './testing/isolated.js';
import type { ConnectTarget } from './types.js';

async function expectForbidden(url: string, names?: Record<string, string[]>): Promise<void> {
  const { fetch, targets } = isolated(names);
  const ended = await fetch(url);
  expect(ended).toMatchObject({ outcome: 'failed', code: 'source_forbidden' });
  expect(targets).toEqual([]);
  const said = JSON.stringify(ended);
  for (const secret of [url, ...Object.values(names ?? {}).flat()]) expect(said).not.toContain(secret);
}

const SPELLINGS = [
  ['decimal', '2130706433'],
  ['hexadecimal', '0x7f000001'],
  ['hexadecimal parts', '0x7f.0x0.0x0.0x1'],
  ['octal', '017700000001'],
  ['octal parts', '0177.0.0.01'],
  ['two parts', '127.1'],
  ['three parts', '127.0.1'],
  ['mixed', '0x7f.1'],
  ['full-width digits', '１２７.０.０.１'],
  ['full-width dots', '127。0。0。1'],
  ['enclosed digits', '①②⑦.⓪.⓪.①'],
  ['percent-encoded', '%31%32%37.0.0.1'],
  ['a final dot', '127.0.0.1.'],
  ['two final dots', '127.0.0.1..'],
  ['hexadecimal with final dots', '0x7f.1...'],
  ['metadata in decimal', '1684301000'],
  ['link-local in hexadecimal', '0xa9fea9fe'],
  ["Azure's metadata in decimal", '2822734096'],
] as const;

const ADDRESSES = [
  ['unspecified', '0.0.0.0'],
  ['0.0.0.0/8', '0.1.2.3'],
  ['10/8', '10.0.0.1'],
  ['10/8, the end', '10.255.255.255'],
  ['100.64/10', '100.64.0.1'],
  ["Alibaba's metadata", '100.100.100.200'],
  ['100.64/10, the end', '100.127.255.255'],
  ['127/8', '127.0.0.1'],
  ['127/8, the end', '127.255.255.254'],
  ['169.254/16', '169.254.0.1'],
  ['metadata of other clouds', '169.254.169.254'],
  ["Tencent Cloud's metadata", '169.254.0.23'],
  ["Oracle Cloud's metadata", '192.0.0.192'],
  ["Azure's metadata, a public address", '168.63.129.16'],
  ["Azure's metadata, IPv4-mapped", '::ffff:168.63.129.16'],
  ["Azure's metadata, NAT64", '64:ff9b::168.63.129.16'],
  ["Azure's metadata, 6to4", '2002:a83f:8110::'],
  ["Alibaba's metadata, IPv4-mapped", '::ffff:100.100.100.200'],
  ["Alibaba's metadata, NAT64", '64:ff9b::100.100.100.200'],
  ['metadata of other clouds, IPv4-mapped', '::ffff:169.254.169.254'],
  ['metadata of other clouds, NAT64', '64:ff9b::169.254.169.254'],
  ['metadata of other clouds, 6to4', '2002:a9fe:a9fe::'],
  ['172.16/12', '172.16.0.1'],
  ['172.16/12, the end', '172.31.255.255'],
  ['192.0.0/24', '192.0.0.170'],
  ['192.0.2/24', '192.0.2.1'],
  ['192.88.99/24', '192.88.99.1'],
  ['192.168/16', '192.168.1.1'],
  ['198.18/15', '198.18.0.1'],
  ['198.18/15, the end', '198.19.255.255'],
  ['198.51.100/24', '198.51.100.1'],
  ['203.0.113/24', '203.0.113.1'],
  ['224/4', '224.0.0.1'],
  ['224/4, the end', '239.255.255.250'],
  ['240/4', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified, IPv6', '::'],
  ['loopback, IPv6', '::1'],
  ['IPv4-mapped', '::ffff:127.0.0.1'],
  ['IPv4-mapped, public inside', `::ffff:${PUBLIC}`],
  ['IPv4-mapped, hexadecimal', '::ffff:6464:64c8'],
  ['IPv4-compatible', '::127.0.0.1'],
  ['IPv4-compatible, metadata', '::6464:64c8'],
  ['IPv4-translated', '::ffff:0:127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1'],
  ['NAT64, public inside', `64:ff9b::${PUBLIC}`],
  ['NAT64, local', '64:ff9b:1::a00:1'],
  ['6to4', '2002:7f00:1::'],
  ['6to4, metadata', '2002:6464:64c8::1'],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['benchmarking, IPv6', '2001:2::1'],
  ['ORCHID', '2001:20::1'],
  ['documentation, IPv6', '2001:db8::1'],
  ['documentation, IPv6, newer', '3fff::1'],
  ['discard', '100::1'],
  ['ULA', 'fd00::1'],
  ['ULA, the other half', 'fc00::1'],
  ["ULA, Amazon's metadata", 'fd00:ec2::254'],
  ["ULA, Google's metadata", 'fd20:ce::254'],
  ['link-local, IPv6', 'fe80::1'],
  ['site-local', 'fec0::1'],
  ['multicast, IPv6', 'ff02::1'],
  ['segment routing', '5f00::1'],
  ['not given out', '4000::1'],
] as const;

const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);

describe('an address in the URL', () => {
  it.each(SPELLINGS)('is refused however it is spelt: %s', (_what, host) =>
    expectForbidden(`http://${host}/a.png`),
  );

  it.each(ADDRESSES)('is refused: %s', (_what, address) =>
    expectForbidden(`http://${bracketed(address)}/a.png`),
  );

  it.each(['http://[fe80::1%25eth0]/', 'http://[fe80::1%eth0]/', 'http://[::1%25lo]/'])(
    'is refused with a zone: %s',
    (url) => expectForbidden(url),
  );

  it.each([
    PUBLIC,
    '8.8.8.8',
    '168.63.129.15',
    '168.63.129.17',
    '172.32.0.1',
    '100.128.0.1',
    '192.167.255.255',
    '2606:4700::1111',
  ])('is connected to when it is public: %s', async (address) => {
    const { fetch, targets, resolved } = isolated();
    await fetch(`https://${bracketed(address)}/a.png`);
    expect(targets).toEqual([{ address, port: 443, tlsName: address }]);
    expect(resolved).toEqual([]);
  });
});

describe('a name', () => {
  it.each(ADDRESSES)('is refused if it resolves to one of these: %s', (_what, address) =>
    expectForbidden('http://cdn.shop.com/a.png', { 'cdn.shop.com': [address] }),
  );

  it.each(ADDRESSES)('is refused if one of its addresses is one of these: %s', async (_what, address) => {
    await expectForbidden('http://cdn.shop.com/a.png', { 'cdn.shop.com': [PUBLIC, address] });
    await expectForbidden('http://cdn.shop.com/a.png', { 'cdn.shop.com': [address, PUBLIC] });
  });

  it.each(['fe80::1%eth0', '2606:4700::1%eth0', '0177.0.0.1', '0x8.8.8.8', 'other.name.com', ''])(
    'whose answer is not a plain address is refused: %j',
    async (answer) => {
      const { fetch, targets } = isolated({ 'cdn.shop.com': [answer] });
      expect(await fetch('http://cdn.shop.com/')).toMatchObject({
        outcome: 'failed',
        code: 'source_forbidden',
      });
      expect(targets).toEqual([]);
    },
  );

  it('is resolved once, and connected to at the address that was checked', async () => {
    const answers = [[PUBLIC], ['127.0.0.1']];
    const targets: ConnectTarget[] = [];
    let lookups = 0;
    const client = openSourceClient(
      { allow: new Set(), ports: new Set([80, 443]) },
      {
        resolve: async () => answers[lookups++] ?? [],
        connect: async (target) => {
          targets.push(target);
          throw refused();
        },
      },
    );
    const request = { url: 'https://rebind.shop.com./a.png', headers: {}, maxBytes: 10 };
    await client.fetch(request, async () => {}, new AbortController().signal);
    expect(lookups).toBe(1);
    expect(targets).toEqual([{ address: PUBLIC, port: 443, tlsName: 'rebind.shop.com' }]);
  });

  it('is tried at some of its addresses, IPv4 first', async () => {
    const all = ['2606:4700::1', '2606:4700::2', '8.8.8.8', '8.8.4.4', '1.1.1.1'];
    const { fetch, targets } = isolated({ 'cdn.shop.com': all });
    const ended = await fetch('http://cdn.shop.com/');
    expect(targets.map((target) => target.address)).toEqual(['8.8.8.8', '8.8.4.4', '1.1.1.1']);
    expect(ended).toMatchObject({ outcome: 'later', code: 'source_unreachable', retryAfterMs: null });
  });

  it.each([
    'localhost',
    'localhost.',
    'LOCALHOST',
    'ⓛocalhost',
    'foo.localhost',
    'foo.localhost..',
    'localhost.localdomain',
    'printer.local',
    'metadata.google.internal',
    'router.home.arpa',
    'nas.lan',
    'nas.home',
    'wiki.corp',
    'a.test',
    'a.example',
    'a.invalid',
    'a.onion',
    '1.0.0.127.in-addr.arpa',
    'redis',
    'redis.',
    'host..com',
    '.shop.com',
  ])('is not resolved if it is not of the public Internet: %s', async (host) => {
    const { fetch, targets, resolved } = isolated({ [host]: [PUBLIC] });
    expect(await fetch(`http://${host}/`)).toMatchObject({ outcome: 'failed', code: 'source_forbidden' });
    expect([targets, resolved]).toEqual([[], []]);
  });

  it('is not refused if it only ends like one of these', async () => {
    const { fetch, targets } = isolated({ 'mylocal.com': [PUBLIC], 'xn--localhost.com': [PUBLIC] });
    await fetch('http://mylocal.com/');
    expect(targets).toHaveLength(1);
  });

  it('may be tried again if it is unknown, since a resolver may be down', async () => {
    const client = openSourceClient(
      { allow: new Set(), ports: new Set([80]) },
      {
        resolve: async (name) => {
          throw Object.assign(new Error(`queryA ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name });
        },
      },
    );
    const request = { url: 'http://gone.shop.com/', headers: {}, maxBytes: 10 };
    const ended = await client.fetch(request, async () => {}, new AbortController().signal);
    expect(ended).toMatchObject({ outcome: 'later', code: 'source_unreachable' });
    expect(JSON.stringify(ended)).toContain('ENOTFOUND');
    expect(JSON.stringify(ended)).not.toContain('gone');
  });

  it('is not resolved again if no DNS can know it', async () => {
    const client = openSourceClient({ allow: new Set(), ports: new Set([80]) });
    const request = { url: `http://${'a'.repeat(64)}.shop.com/`, headers: {}, maxBytes: 10 };
    const ended = await client.fetch(request, async () => {}, new AbortController().signal);
    expect(ended).toMatchObject({ outcome: 'failed', code: 'source_unreachable' });
  });
});
