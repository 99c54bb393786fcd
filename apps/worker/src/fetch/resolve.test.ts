import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { BlockList } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openResolver } from './resolve.js';
import type { Resolve } from './types.js';

const A = 1;
const AAAA = 28;
const V4 = Buffer.from([93, 184, 216, 34]);
const V6 = Buffer.from('26064700000000000000000000001111', 'hex');
const records: Record<string, Record<number, Buffer[]>> = {
  'both.shop.com': { [A]: [V4, Buffer.from([10, 0, 0, 1])], [AAAA]: [V6] },
  'old.shop.com': { [A]: [V4] },
  'new.shop.com': { [AAAA]: [V6] },
  'mail.shop.com': {},
};

let dns: Socket;
let resolve: Resolve;
const asked: string[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  dns = createSocket('udp4', (query, from) => {
    const reply = answerTo(query);
    if (reply !== null) dns.send(reply, from.port, from.address);
  });
  dns.bind(0, '127.0.0.1');
  await once(dns, 'listening');
  resolve = openResolver([`127.0.0.1:${dns.address().port}`]);
});
afterAll(() => new Promise<void>((done) => dns.close(done)));

/** RFC 1035 4: the question again, and its records; NXDOMAIN for names that are not known, nothing for mute ones. */
function answerTo(query: Buffer): Buffer | null {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const name = labels.join('.').toLowerCase();
  const type = query.readUInt16BE(at + 1);
  asked.push(name);
  if (name === 'mute.shop.com') return null;
  const found = records[name]?.[type] ?? [];
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(records[name] === undefined ? 0x8183 : 0x8180, 2);
  for (const [offset, count] of [
    [4, 1],
    [6, found.length],
    [8, 0],
    [10, 0],
  ] as const)
    head.writeUInt16BE(count, offset);
  const answers = found.map((data) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, query.subarray(12, at + 5), ...answers]);
}

it.each([
  ['both.shop.com', ['93.184.216.34', '10.0.0.1', '2606:4700::1111']],
  ['old.shop.com', ['93.184.216.34']],
  ['new.shop.com', ['2606:4700::1111']],
])('has all answers of both families: %s', async (name, answers) => {
  expect(await resolve(name, false, signal)).toEqual(answers);
});

it.each([
  ['gone.shop.com', 'ENOTFOUND'],
  ['mail.shop.com', 'ENODATA'],
])('says why there are none: %s', async (name, code) => {
  await expect(resolve(name, false, signal)).rejects.toMatchObject({ code });
});

it('asks the hosts file for names that the operator allows, and only for those', async () => {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');
  const own = await resolve('localhost', true, signal);
  expect(own.every((address) => loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4'))).toBe(true);
  expect(asked).not.toContain('localhost');
});

it('ends when its signal aborts', async () => {
  const stop = new AbortController();
  const resolving = resolve('mute.shop.com', false, stop.signal);
  const ended = expect(resolving).rejects.toMatchObject({ code: 'ECANCELLED' });
  await expect.poll(() => asked).toContain('mute.shop.com');
  stop.abort();
  await ended;
});
