import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { behaviours, type Images, respond } from './source-behaviours.js';

export interface SourceServerOptions {
  /** Served at `/image/NAME`. */
  images?: Images;
  /** By default 127.0.0.1. */
  address?: string;
}

export interface SourceServer {
  /** `http://ADDRESS:PORT`, without a final slash. */
  url: string;
  /** `ADDRESS:PORT`, for SOURCE_ALLOW. */
  host: string;
  /** Requests so far, of all paths or of one (without its query). */
  hits(path?: string): number;
  /** The number of responses in progress. */
  open(): number;
  /** The most responses in progress at once so far. */
  mostOpen(): number;
  /** Destroys open connections, too. */
  stop(): Promise<void>;
}

/**
 * Starts a source of images on a free port, which misbehaves like the worst ones. The path chooses how:
 *
 * - `/image/NAME[/ANYTHING]` an image of the options. `?delay=MS` responds late, `?type=T` declares T,
 *   `?disposition=D` adds that Content-Disposition, `?unconditional` ignores conditions. 304 if its validator is that of the request.
 * - `/echo` a JSON object of the request headers
 * - `/status/CODE` that status and a body that must not leak; `?retry-after=V`
 * - `/flaky/KEY?fails=N` 503 to the first N requests of that KEY (default 1), then the image KEY; `?status=`, `?retry-after=`
 * - `/redirect?to=LOCATION` 302 or `?status=`; without `to` no Location. `/loop` redirects to itself.
 * - `/hops/N` N redirects (relative ones), then the first image
 * - `/stall` no response · `/stall-body` half of its Content-Length (or `?bytes=`), then silence · `/drip?ms=N` a byte every N ms (100), endlessly
 * - `/reset` resets instead of a response · `/reset-body` after half of it · `/reset-open` after a part of a body without a length
 * - `/cut` ends the connection at half of its Content-Length · `/cut-chunked` in the middle of a chunk
 * - `/lie?length=N` ten bytes under Content-Length N
 * - `/endless` zeros in chunks without end
 * - `/encoded?encoding=E&body=BASE64` those bytes under that Content-Encoding
 * - `/gzip-bomb?mib=N` N MiB of zeros (1024) in gzip · `/gzip-nothing` gzip without end that decodes to nothing
 * - `/headers?bytes=N` N bytes of headers · `/garbage` bytes that are not HTTP · `/close` closes at once
 * - `/upgrade` 101 with an Upgrade header · `/hints` responses 103 without end
 *
 * A request costs a look-up and a write, so that load tests measure the client.
 */
export async function startSourceServer(options: SourceServerOptions = {}): Promise<SourceServer> {
  const { images = {}, address = '127.0.0.1' } = options;
  const hits = new Map<string, number>();
  const failures = new Map<string, number>();
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let total = 0;
  let open = 0;
  let mostOpen = 0;
  const server = createServer((request, response) => {
    const [, path = '/', query = ''] = /^([^?]*)\??(.*)$/.exec(request.url ?? '/') ?? [];
    total++;
    open++;
    mostOpen = Math.max(mostOpen, open);
    response.once('close', () => open--);
    hits.set(path, (hits.get(path) ?? 0) + 1);
    const [, act = '', name = ''] = path.split('/');
    const behave = Object.hasOwn(behaviours, act) ? behaviours[act] : undefined;
    const parameters = new URLSearchParams(query);
    if (behave === undefined) respond(response, 404, 'no such behaviour');
    else behave({ name, query: parameters, request, response, images, failures, after });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await once(server.listen(0, address, BACKLOG), 'listening');
  const host = `${address}:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    hits: (path) => (path === undefined ? total : (hits.get(path) ?? 0)),
    open: () => open,
    mostOpen: () => mostOpen,
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };

  function after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }
}

/** Load tests open hundreds of connections at once. */
const BACKLOG = 4096;
