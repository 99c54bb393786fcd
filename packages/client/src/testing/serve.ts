import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Pixdock } from '../pixdock.js';

export interface ReceivedRequest {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body?: unknown;
}

type Handler = (
  request: ReceivedRequest,
  count: number,
  response: ServerResponse,
) => Reply | 'reset' | Promise<Reply | 'reset'>;

/** Starts a server for one test. `handler` gets each request and its number; `requests` collects the requests. */
export async function serve(handler: Handler) {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => void respond(request, response));
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const { method = '', headers } = request;
    const one = { method, headers, url: new URL(request.url ?? '', 'http://h'), body: Buffer.concat(chunks) };
    requests.push(one);
    const reply = await handler(one, requests.length, response);
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
  return { url, requests, client: new Pixdock({ baseUrl: url, apiKey: 'k' }) };
}

/** An error response in the format of the server. */
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
