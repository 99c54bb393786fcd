import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Pixdock } from '../pixdock.js';

export interface Seen {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** An object goes as JSON. */
  body?: unknown;
}

type Handler = (
  seen: Seen,
  count: number,
  response: ServerResponse,
) => Reply | 'reset' | Promise<Reply | 'reset'>;

/** A server for one test, which says what the handler makes of the nth request, and what it has seen. */
export async function serve(handler: Handler) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const { method = '', headers } = request;
    const one = { method, headers, url: new URL(request.url ?? '', 'http://h'), body: Buffer.concat(chunks) };
    seen.push(one);
    const reply = await handler(one, seen.length, response);
    if (reply === 'reset') {
      request.socket.destroy();
      return;
    }
    const { status = 200, body } = reply;
    response.writeHead(status, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof body === 'object' ? JSON.stringify(body) : body);
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, client: new Pixdock({ baseUrl: url, apiKey: 'k' }) };
}

/** A refusal as the server writes it. */
export function problem(
  status: number,
  code: string,
  more: { retryAfter?: number; requestId?: string; image?: unknown } = {},
): Reply {
  const { retryAfter, ...members } = more;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    },
    body: {
      type: `/v1/errors/${code}`,
      title: 'Title',
      status,
      code,
      detail: 'Detail.',
      retryable: status >= 429,
      ...members,
    },
  };
}
