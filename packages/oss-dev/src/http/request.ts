import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
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
  body: IncomingMessage;
  now: number;
};

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
export function chunksOf(body: IncomingMessage): AsyncIterable<Buffer> {
  return body.iterator({ destroyOnReturn: false });
}

function flatten(headers: IncomingMessage['headers']): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]));
}
