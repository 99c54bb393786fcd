import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { Client } from 'undici';
import { unreachable } from './fault.js';

export interface Answer {
  status: number;
  /** By lower-case name; repeated ones joined as HTTP does. Bytes as latin1. */
  header: (name: string) => string | null;
  body: Readable;
  /** Whether the connection broke where only its end tells the end of the body. */
  isCut: () => boolean;
  close(): Promise<void>;
}

/**
 * Asks for a URL over a connection, which is used for nothing else.
 * @throws SourceFault source_unreachable
 */
export async function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  socket: Socket,
  signal: AbortSignal,
  headerBytes: number,
): Promise<Answer> {
  const client = new Client(url.origin, {
    connect: always(socket),
    maxHeaderSize: headerBytes,
  });
  const close = async () => {
    await client.destroy();
    socket.destroy();
  };
  try {
    const path = url.pathname + url.search;
    const {
      statusCode,
      headers: received,
      body,
    } = await client.request({
      method: 'GET',
      path,
      headers: { 'user-agent': 'Pixdock', 'accept-encoding': 'identity', ...headers },
      signal,
      reset: true,
    });
    const header = (name: string) => [received[name] ?? []].flat().join(', ') || null;
    return {
      status: statusCode,
      header,
      body,
      isCut: () => codeOf(socket.errored) === 'ECONNRESET',
      close,
    };
  } catch (error) {
    await close();
    throw unreachable(
      { en: 'The source did not answer as HTTP does', zh: '来源没有返回有效的 HTTP 响应' },
      error,
    );
  }
}

/** undici connects by itself, and would again; it only ever gets the connection that was checked. */
function always(socket: Socket): NonNullable<Client.Options['connect']> {
  // undici overlooks a callback within the call.
  return (_options, callback) => queueMicrotask(() => callback(null, socket));
}

function codeOf(error: Error | null): unknown {
  return error !== null && 'code' in error ? error.code : null;
}
