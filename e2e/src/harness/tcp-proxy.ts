import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Which piece is lost together with its connection: a request or its response. */
export type Side = 'request' | 'response';

export interface TcpProxy {
  port: number;
  /** Forwards connections to this loopback port from now on; until then they are reset. */
  forward(port: number): void;
  /** Resets all connections, and every new one, until `heal`. */
  cut(): void;
  /** Delays all bytes in both directions until `heal`; connections stay open. */
  pause(): void;
  /** Delays each piece by this time. */
  slow(ms: number): void;
  /** Passes so many bytes per second in each direction, of all connections together. */
  throttle(bytesPerSecond: number): void;
  /**
   * Drops the n-th piece from now on, counted over all connections, and resets its connection; with `again` every n-th
   * until `heal`.
   */
  resetAt(n: number, side: Side | 'either', again?: boolean): void;
  /** Number of connections that `resetAt` has reset. */
  resets(): number;
  heal(): void;
  stop(): Promise<void>;
}

/** A TCP proxy on loopback that fails on demand. A piece is the result of one socket read: usually one command. */
export async function startTcpProxy(): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const fresh = () => ({
    isCut: false,
    slowMs: 0,
    bytesPerMs: Number.POSITIVE_INFINITY,
    reset: null as Reset | null,
  });
  let target = 0;
  let faults = fresh();
  let pause: PromiseWithResolvers<void> | null = null;
  let resets = 0;
  /** When the line has passed everything that came so far. */
  const freeAt = { request: 0, response: 0 };

  const server = createServer((client) => {
    if (faults.isCut || target === 0) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    const pair = { client, upstream };
    pairs.add(pair);
    pump(pair, client, upstream, 'request');
    pump(pair, upstream, client, 'response');
  });

  function pump(pair: Pair, from: Socket, to: Socket, side: Side): void {
    let passing = Promise.resolve();
    from.on('data', (piece) => {
      const now = performance.now();
      freeAt[side] = Math.max(freeAt[side], now) + piece.length / faults.bytesPerMs;
      const due = freeAt[side] + faults.slowMs;
      // Otherwise the sender could be far ahead of a narrow line.
      if (freeAt[side] > now) from.pause();
      passing = passing.then(async () => {
        const waitMs = due - performance.now();
        if (waitMs > 0) await delay(waitMs);
        await pause?.promise;
        if (isLost(side)) end(pair);
        else to.write(piece);
        from.resume();
      });
    });
    from.on('end', () => void passing.then(() => to.end()));
    from.on('error', () => end(pair));
    from.on('close', () => pairs.delete(pair));
  }

  function isLost(side: Side): boolean {
    const { reset } = faults;
    if (reset === null || (reset.side !== side && reset.side !== 'either')) return false;
    if (--reset.left > 0) return false;
    resets++;
    if (reset.again) reset.left = reset.n;
    else faults.reset = null;
    return true;
  }

  function end(pair: Pair): void {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.upstream.resetAndDestroy();
  }
  const endAll = () => pairs.forEach(end);

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    forward(port) {
      target = port;
    },
    cut() {
      faults.isCut = true;
      endAll();
    },
    pause() {
      pause = Promise.withResolvers();
    },
    slow(ms) {
      faults.slowMs = ms;
    },
    throttle(bytesPerSecond) {
      faults.bytesPerMs = bytesPerSecond / 1000;
    },
    resetAt(n, side, again = false) {
      faults.reset = { n, left: n, side, again };
    },
    resets: () => resets,
    heal() {
      faults = fresh();
      pause?.resolve();
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      endAll();
      await closed;
    },
  };
}

interface Pair {
  client: Socket;
  upstream: Socket;
}

interface Reset {
  n: number;
  left: number;
  side: Side | 'either';
  again: boolean;
}
