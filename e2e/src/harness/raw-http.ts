import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A response without interpretation. Header names are lower case. */
export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A TCP connection on which a test may send invalid HTTP. */
export interface RawConnection {
  socket: Socket;
  /** Writes and waits for the socket to drain; does nothing once it is closed. */
  send: (...chunks: (string | Uint8Array)[]) => Promise<void>;
  /** The next response, including 1xx; null when the connection ended without one. */
  response: (options?: { seconds?: number; head?: boolean }) => Promise<RawResponse | null>;
  /** Resolves when both sides have closed. */
  closed: Promise<void>;
}

export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = Buffer.alloc(0);
  let ended = false;
  let notice = () => {};
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    notice();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  const over = () => {
    ended = true;
    notice();
  };
  socket.once('end', over);
  socket.once('close', over);
  await once(socket, 'connect');

  return {
    socket,
    closed,
    async send(...chunks) {
      for (const chunk of chunks) {
        if (socket.destroyed || !socket.writable) return;
        if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
      }
    },
    async response({ seconds = 10, head = false } = {}) {
      const until = Date.now() + seconds * 1000;
      for (;;) {
        const parsed = parseResponse(received, head, ended);
        if (parsed !== null) {
          received = received.subarray(parsed.length);
          return parsed.response;
        }
        if (ended) return null;
        const left = until - Date.now();
        if (left <= 0) throw new Error(`no response in ${seconds} s: ${received.toString('latin1')}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          notice = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
}

/** Sends the chunks on a new connection and returns the response. */
export async function rawRequest(
  url: string,
  ...chunks: (string | Uint8Array)[]
): Promise<RawResponse | null> {
  const connection = await openRaw(url);
  try {
    // The response may come before everything is sent; the rest is then dropped.
    void connection.send(...chunks);
    return await connection.response();
  } finally {
    connection.socket.destroy();
  }
}

/** A request line and headers; Host and the key of acme are the defaults. */
export function requestHead(method: string, path: string, headers: Record<string, string> = {}): string {
  const all = { Host: 'localhost', Authorization: 'Bearer key-of-the-owner-acme', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export const BOUNDARY = 'boundary-of-the-test';

/** One part of a form. @param disposition the value of Content-Disposition @param headers additional header lines */
export function part(
  disposition: string,
  content: string | Uint8Array,
  headers: readonly string[] = [],
): Buffer {
  const lines = [`--${BOUNDARY}`, `Content-Disposition: ${disposition}`, ...headers, '', ''];
  return Buffer.concat([Buffer.from(lines.join('\r\n')), Buffer.from(content), Buffer.from('\r\n')]);
}

export const filePart = (content: Uint8Array, filename = 'photo.jpg') =>
  part(`form-data; name="file"; filename="${filename}"`, content, ['Content-Type: image/jpeg']);

export const fieldPart = (name: string, value: string) => part(`form-data; name="${name}"`, value);

/** A complete form with the closing boundary. */
export function form(...parts: Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** POST /v1/images with this form and the correct Content-Length. */
export function formRequest(body: Buffer, headers: Record<string, string> = {}, path = '/v1/images'): Buffer {
  const head = requestHead('POST', path, {
    'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
    'Content-Length': String(body.length),
    ...headers,
  });
  return Buffer.concat([Buffer.from(head), body]);
}

export function chunked(data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

function parseResponse(
  received: Buffer,
  head: boolean,
  ended: boolean,
): { response: RawResponse; length: number } | null {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [statusLine = '', ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const start = end + 4;
  const empty = head || status < 200 || status === 204 || status === 304;
  const declared = headers['content-length'];
  if (!empty && declared === undefined && !ended) return null;
  const length = empty ? 0 : Number(declared ?? received.length - start);
  if (received.length < start + length) return null;
  const body = received.toString('utf8', start, start + length);
  return { response: { status, headers, body }, length: start + length };
}
