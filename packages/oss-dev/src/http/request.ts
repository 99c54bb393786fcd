import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type Cnames, resolveAddress } from './address.js';
import { parseQuery, type Query } from './query.js';

/** One request. `now` is the server's clock when it arrived, in Unix milliseconds. */
export type OssRequest = {
  id: string;
  method: string;
  host: string;
  bucket: string | undefined;
  key: string | undefined;
  query: Query;
  headers: Headers;
  body: Body;
  now: number;
};

/** `complete` once all of it has arrived. */
export type Body = Readable & { complete: boolean };

/** Names in lower case; values as Node decodes them, one character per byte. */
export type Headers = Readonly<Record<string, string | undefined>>;

export function readRequest(message: IncomingMessage, id: string, cnames: Cnames, now: number): OssRequest {
  const [path = '/', ...rest] = (message.url ?? '/').split('?');
  const host = message.headers.host ?? '';
  return {
    id,
    method: message.method ?? 'GET',
    host,
    ...resolveAddress(host, path, cnames),
    query: parseQuery(rest.join('?')),
    headers: flatten(message.headers),
    body: message,
    now,
  };
}

export function newRequestId(): string {
  return randomBytes(12).toString('hex').toUpperCase();
}

/** The chunks of a body. Leaving the loop early keeps the connection open for an error response. */
export function chunksOf(body: Body): AsyncIterable<Buffer> {
  return body.iterator({ destroyOnReturn: false });
}

/** The whole body; null if it is larger than `maxBytes`. */
export async function readBytes(body: Body, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(body)) {
    size += chunk.length;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function flatten(headers: IncomingMessage['headers']): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]));
}
