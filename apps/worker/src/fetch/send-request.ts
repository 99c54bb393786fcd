import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { unreachable } from './fault.js';

export interface HttpResponse {
  status: number;
  /** By lower-case name; repeated ones joined as HTTP does. Bytes as latin1. */
  header: (name: string) => string | null;
  body: Readable;
  /** Whether a body without a length ended because the connection broke. */
  isCut: () => boolean;
  close(): void;
}

/**
 * Sends one request over a connection that serves no other request: a GET, or a POST of `body`.
 * @throws SourceFault source_unreachable
 */
export async function sendRequest(
  url: URL,
  headers: Readonly<Record<string, string>>,
  socket: Socket,
  signal: AbortSignal,
  headerBytes: number,
  body?: Buffer,
): Promise<HttpResponse> {
  try {
    const sent = request({
      createConnection: () => socket,
      method: body === undefined ? 'GET' : 'POST',
      path: url.pathname + url.search,
      headers: { host: url.host, 'user-agent': 'Pixdock', 'accept-encoding': 'identity', ...headers },
      maxHeaderSize: headerBytes,
      signal,
    });
    // Later errors reach the reader of the body.
    sent.on('error', () => {});
    // Without this listener, Node closes the connection after a 101 and emits nothing.
    sent.once('upgrade', (response) => sent.emit('response', response.destroy()));
    // A request over a connection that is already closed emits nothing, not even at an abort.
    const [response] = (await once(sent.end(body), 'response', { signal })) as [IncomingMessage];
    return {
      status: response.statusCode ?? 0,
      header: (name) => response.headersDistinct[name]?.join(', ') || null,
      body: response,
      isCut: () => codeOf(socket.errored) === 'ECONNRESET',
      close: () => void socket.destroy(),
    };
  } catch (error) {
    socket.destroy();
    throw unreachable('source-not-http', error);
  }
}

function codeOf(error: Error | null): unknown {
  return error !== null && 'code' in error ? error.code : null;
}
