import { setMaxListeners } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openRandom, type Random } from '../../chaos/random.js';
import { type Connection, type ExchangeOptions, openConnection, type Reply } from './http.js';

/** The means of an attack. Everything ends when `signal` aborts. */
export interface Alice {
  /** Origins of sources of images. */
  sources: readonly string[];
  signal: AbortSignal;
  random: Random;
  connection(): Connection;
  /** Sends one request on a new connection. */
  send(request: readonly Uint8Array[], options?: ExchangeOptions): Promise<Reply>;
  /** Sends many requests over some connections. Returns the replies' bodies where they are kept. */
  flood(options: FloodOptions): Promise<string[]>;
  /** Opens a socket that the attack drives itself; null when the attack is over. */
  socket(): Promise<Socket | null>;
  wait(ms: number): Promise<void>;
  /** Counts something that is not a response. */
  count(what: string): void;
  /** Records something that the service must not do. */
  finding(text: string): void;
}

interface FloodOptions extends ExchangeOptions {
  connections: number;
  total: number;
  /** Requests per second; as fast as the service responds unless given. */
  perSecond?: number;
  request: (n: number) => readonly Uint8Array[];
}

export interface AliceReport {
  counts: Record<string, number>;
  requests: number;
  bytes: number;
  findings: string[];
}

export interface AliceOrder {
  port: number;
  sources: readonly string[];
  seed: string;
  maxMs: number;
}

/** Runs `act` until it is done or its time is over, and reports what it sent and received. */
export async function runAlice(
  order: AliceOrder,
  act: (alice: Alice) => Promise<void>,
): Promise<AliceReport> {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const { signal } = stopping;
  const sockets = new Set<Socket>();
  const report: AliceReport = { counts: {}, requests: 0, bytes: 0, findings: [] };
  const count = (what: string) => void (report.counts[what] = (report.counts[what] ?? 0) + 1);
  const traffic = {
    wrote: (bytes: number) => void (report.bytes += bytes),
    opened(socket: Socket) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (signal.aborted) socket.destroy();
    },
  };
  const connection = () => {
    const opened = openConnection(order.port, traffic);
    return {
      close: () => opened.close(),
      async exchange(request: readonly Uint8Array[], options?: ExchangeOptions) {
        if (signal.aborted) return { status: 'stopped', body: '' };
        report.requests++;
        const reply = await opened.exchange(request, options);
        if (!signal.aborted || reply.status !== 'cut') count(reply.status);
        return reply;
      },
    };
  };
  const alice: Alice = {
    sources: order.sources,
    signal,
    random: openRandom(order.seed),
    connection,
    async send(request, options) {
      const own = connection();
      const reply = await own.exchange(request, options);
      own.close();
      return reply;
    },
    flood: (options) => flood(connection, signal, options),
    socket: () => openSocket(order.port, signal, traffic),
    wait: (ms) => delay(ms, undefined, { signal }).catch(() => {}),
    count,
    finding: (text) => void report.findings.push(text),
  };
  const timer = setTimeout(() => {
    stopping.abort();
    for (const socket of sockets) socket.destroy();
  }, order.maxMs);
  try {
    await act(alice);
  } finally {
    clearTimeout(timer);
    stopping.abort();
    const closed = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  }
  return report;
}

async function flood(
  connection: () => Connection,
  signal: AbortSignal,
  options: FloodOptions,
): Promise<string[]> {
  const { connections, total, perSecond, request, ...exchange } = options;
  const bodies: string[] = [];
  const start = performance.now();
  let next = 0;
  const lane = async () => {
    const own = connection();
    while (next < total && !signal.aborted) {
      const n = next++;
      if (perSecond !== undefined) {
        const aheadMs = (n * 1000) / perSecond - (performance.now() - start);
        if (aheadMs > 1) await delay(aheadMs, undefined, { signal }).catch(() => {});
      }
      const { body } = await own.exchange(request(n), exchange);
      if (body !== '') bodies.push(body);
    }
    own.close();
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return bodies;
}

function openSocket(
  port: number,
  signal: AbortSignal,
  traffic: { wrote(bytes: number): void; opened(socket: Socket): void },
): Promise<Socket | null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null);
    const socket = connect(port, '127.0.0.1');
    traffic.opened(socket);
    socket.on('error', () => {});
    socket.once('connect', () => resolve(socket));
    socket.once('close', () => {
      traffic.wrote(socket.bytesWritten);
      resolve(null);
    });
  });
}
