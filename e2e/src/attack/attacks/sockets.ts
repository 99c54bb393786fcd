import type { Alice } from '../alice/alice.js';
import { get, headOf } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { KIB, writeEachSecond } from './support.js';

const MAX_SOCKETS = 5000;
const EMPTY = Buffer.alloc(0);

export const idleSockets: Attack = {
  name: 'idle-sockets',
  about: 'thousands of connections that send nothing, or half of a request',
  maxMs: 20_000,
  run: (alice, size) =>
    hold(alice, 500 * size, [EMPTY, Buffer.from('GET /v1/images HTTP/1.1\r\nHost: localhost\r\n')], EMPTY),
};

export const slowHeaders: Attack = {
  name: 'slow-headers',
  about: 'thousands of requests whose headers come byte by byte and never end',
  maxMs: 20_000,
  run: (alice, size) =>
    hold(alice, 500 * size, [Buffer.from('GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ')], Buffer.from('x')),
};

export const refusedBodies: Attack = {
  name: 'refused-bodies',
  about: 'requests that are refused at their headers and never send their bodies',
  maxMs: 20_000,
  run: (alice, size) =>
    hold(
      alice,
      200 * size,
      [headOf('POST', '/v1/nothing', { 'Content-Length': '1000000' })],
      Buffer.from('x'),
    ),
};

/** Opens sockets at 1,000 per second and sends a piece on each every second; closed ones are opened again. */
async function hold(alice: Alice, count: number, firsts: readonly Buffer[], piece: Buffer): Promise<void> {
  const total = Math.min(count, MAX_SOCKETS);
  const one = async (n: number) => {
    await alice.wait(n);
    while (!alice.signal.aborted) {
      const socket = await alice.socket();
      alice.count(socket === null ? 'not connected' : 'connected');
      if (socket === null) {
        await alice.wait(1000);
        continue;
      }
      socket.on('data', () => {});
      socket.write(firsts[n % firsts.length] ?? EMPTY);
      await writeEachSecond(alice, socket, piece);
    }
  };
  await Promise.all(Array.from({ length: total }, (_, n) => one(n)));
}

export const hugeHeaders: Attack = {
  name: 'huge-headers',
  about: 'requests with as many and as large headers as the server reads',
  async run(alice, size) {
    const long = 'x'.repeat(7 * KIB);
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`X-${n}`, 'x']));
    const requests = [
      get('/v1/images', { 'X-Long': 'x'.repeat(64 * KIB) }),
      get('/v1/images', { 'Accept-Language': long }),
      get('/v1/images', { Prefer: long.replaceAll('x', 'a,') }),
      get('/v1/images', { 'If-None-Match': '"1",'.repeat(1000) }),
      get('/v1/images', many),
      get(`/v1/images?${'a=1&'.repeat(1000)}`),
    ];
    await alice.flood({
      connections: 16,
      total: 1000 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
  },
};

export const wrongKeys: Attack = {
  name: 'wrong-keys',
  about: 'requests with keys that do not exist, at full speed',
  maxMs: 15_000,
  async run(alice, size) {
    const request = get('/v1/images', { Authorization: `Bearer ${'x'.repeat(4000)}` });
    await alice.flood({ connections: 32, total: 5000 * size, request: () => request });
  },
};

export const keyless: Attack = {
  name: 'keyless',
  about: 'requests without a key at full speed, over a thousand connections',
  maxMs: 15_000,
  async run(alice, size) {
    const requests = ['/v1/images', '/docs', '/livez'].map((path) =>
      get(path, { Authorization: 'Bearer none' }),
    );
    await alice.flood({
      connections: Math.min(100 * size, MAX_SOCKETS),
      total: 20_000 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
  },
};

export const twoHosts: Attack = {
  name: 'two-hosts',
  about: 'D8: a request with two Host headers is refused',
  async run(alice) {
    const request = Buffer.from(
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere\r\nConnection: close\r\n\r\n',
    );
    const { status } = await alice.send([request]);
    if (status !== '400') alice.finding(`two Host headers: ${status} instead of 400`);
  },
};
