import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';

export interface SourceImage {
  bytes: Uint8Array;
  type: string;
  /** Sent as the validators of the image, with which a condition of a request is compared. */
  etag?: string;
  modified?: string;
}

export type Images = Readonly<Record<string, SourceImage>>;

interface Scene {
  /** The second segment of the path. */
  name: string;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
  images: Images;
  failures: Map<string, number>;
  after: (ms: number, act: () => void) => void;
}

const HALF = 'ten bytes!';
const LENGTH = String(2 * HALF.length);

/** By the first segment of the path; documented at `startSourceServer`. */
export const behaviours: Record<string, (scene: Scene) => void> = {
  image({ name, query, request, response, images, after }) {
    const image = Object.hasOwn(images, name) ? images[name] : undefined;
    if (image === undefined) return respond(response, 404, 'no such image');
    const disposition = query.get('disposition');
    if (disposition !== null) response.setHeader('content-disposition', disposition);
    if (isUnchanged(image, request, response) && !query.has('unconditional'))
      return void response.writeHead(304).end();
    const type = query.get('type') ?? image.type;
    const delay = Number(query.get('delay') ?? 0);
    if (delay === 0) return respond(response, 200, image.bytes, type);
    return after(delay, () => respond(response, 200, image.bytes, type));
  },
  echo: ({ request, response }) =>
    respond(response, 200, JSON.stringify(request.headers), 'application/json'),
  status({ name, query, response }) {
    retryAfter(response, query);
    respond(response, Number(name), 'a body that must not leak');
  },
  flaky(scene) {
    const { name, query, response, failures } = scene;
    const failed = failures.get(name) ?? 0;
    if (failed >= Number(query.get('fails') ?? 1)) return behaviours.image?.(scene);
    failures.set(name, failed + 1);
    retryAfter(response, query);
    return respond(response, Number(query.get('status') ?? 503), 'a body that must not leak');
  },
  redirect({ query, response }) {
    const to = query.get('to');
    if (to !== null) response.setHeader('location', to);
    // With a string as the body, Node would encode the header in UTF-8, too.
    respond(response, Number(query.get('status') ?? 302), Buffer.from('a body that must not leak'));
  },
  loop({ response }) {
    response.setHeader('location', '/loop');
    respond(response, 302, '');
  },
  hops({ name, response, images }) {
    const left = Number(name);
    response.setHeader('location', left > 1 ? `${left - 1}` : `../image/${Object.keys(images)[0]}`);
    respond(response, 302, '');
  },
  stall() {},
  'stall-body': ({ query, response }) =>
    raw(response, `content-length: ${LENGTH}`, HALF.slice(0, Number(query.get('bytes') ?? HALF.length))),
  drip({ query, response, after }) {
    const ms = Number(query.get('ms') ?? 100);
    response.writeHead(200, { 'content-type': 'image/png' });
    const next = () => {
      if (response.destroyed) return;
      response.write('.');
      after(ms, next);
    };
    next();
  },
  reset: ({ response }) => void response.socket?.resetAndDestroy(),
  'reset-body': ({ response, after }) => breakOff(response, after, `content-length: ${LENGTH}`),
  'reset-open': ({ response, after }) => breakOff(response, after, 'content-type: image/png'),
  cut({ response }) {
    raw(response, `content-length: ${LENGTH}`, HALF);
    response.socket?.end();
  },
  'cut-chunked'({ response }) {
    raw(response, 'transfer-encoding: chunked', `a\r\n${HALF}\r\na\r\nten`);
    response.socket?.end();
  },
  lie({ query, response }) {
    raw(response, `content-length: ${query.get('length')}`, HALF);
    response.socket?.end();
  },
  endless({ response }) {
    response.writeHead(200, { 'content-type': 'image/png' });
    pour(response, () => Buffer.alloc(64 * KIB));
  },
  encoded({ query, response }) {
    response.setHeader('content-encoding', query.get('encoding') ?? 'gzip');
    respond(response, 200, Buffer.from(query.get('body') ?? '', 'base64'), 'image/png');
  },
  'gzip-bomb'({ query, response }) {
    let left = Number(query.get('mib') ?? KIB);
    response.writeHead(200, { 'content-type': 'image/png', 'content-encoding': 'gzip' });
    const gzip = createGzip();
    gzip.pipe(response);
    response.once('close', () => gzip.destroy());
    pour(gzip, () => (left-- > 0 ? Buffer.alloc(MIB) : null));
  },
  'gzip-nothing'({ response }) {
    response.writeHead(200, { 'content-type': 'image/png', 'content-encoding': 'gzip' });
    response.write(GZIP_HEAD);
    pour(response, () => EMPTY_BLOCKS);
  },
  headers({ query, response }) {
    raw(response, `x-filler: ${'x'.repeat(Number(query.get('bytes') ?? MIB))}`, '');
    response.socket?.end();
  },
  garbage({ response }) {
    response.socket?.end('SSH-2.0-OpenSSH_9.6\r\nnothing of HTTP\r\n');
  },
  close: ({ response }) => void response.socket?.end(),
  upgrade({ response }) {
    response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
  },
  hints({ response }) {
    if (response.socket) pour(response.socket, () => HINTS);
  },
};

/** Sends the validators of an image, and compares them with the condition of the request. */
function isUnchanged(
  { etag, modified }: SourceImage,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (etag !== undefined) response.setHeader('etag', etag);
  if (modified !== undefined) response.setHeader('last-modified', modified);
  const { 'if-none-match': given, 'if-modified-since': since } = request.headers;
  return given === undefined ? since !== undefined && since === modified : given === etag;
}

const KIB = 1024;
const MIB = KIB * KIB;
/** RFC 1952 2.3: magic, deflate, no flags, no time, unknown system. */
const GZIP_HEAD = Buffer.from('1f8b08000000000000ff', 'hex');
/** RFC 1951 3.2.4: stored blocks of length 0, none of them the last. */
const EMPTY_BLOCKS = Buffer.alloc(10 * KIB, Buffer.from('000000ffff', 'hex'));
const HINTS = Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(KIB));

export function respond(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  type = 'text/plain',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function retryAfter(response: ServerResponse, query: URLSearchParams): void {
  const value = query.get('retry-after');
  if (value !== null) response.setHeader('retry-after', value);
}

/** Bypasses Node's framing of a response. */
function raw(response: ServerResponse, header: string, body: string): void {
  response.socket?.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${body}`);
}

/** Resets after the sent part has had time to arrive: a reset discards unread bytes. */
function breakOff(response: ServerResponse, after: Scene['after'], header: string): void {
  raw(response, header, HALF);
  after(50, () => response.socket?.resetAndDestroy());
}

/** Writes as fast as the client reads, until the end or until the client is gone. */
function pour(to: Writable, next: () => Uint8Array | null): void {
  for (;;) {
    if (to.destroyed) return;
    const chunk = next();
    if (chunk === null) return void to.end();
    if (!to.write(chunk)) return void to.once('drain', () => pour(to, next));
  }
}
