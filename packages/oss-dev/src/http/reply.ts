import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The response of an operation. The holder must either `send` or `discard` it, because its body may be an open stream. */
export type Reply = {
  status: number;
  headers: Record<string, string>;
  body?: string | Readable;
  /** Comes without the headers of OSS. Exists only for injected faults. */
  fromProxy?: true;
};

/** A reply, a TCP reset, or no response at all. The last two exist only for injected faults. */
export type Outcome = Reply | 'reset' | 'hang';

export async function send(outcome: Outcome, response: ServerResponse): Promise<void> {
  // Drain the request body: closing the connection while the client sends would lose the response.
  response.req.unpipe();
  response.req.resume();
  if (outcome === 'hang') return;
  if (outcome === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if (outcome.fromProxy) for (const name of ['server', 'x-oss-request-id']) response.removeHeader(name);
  response.writeHead(outcome.status, outcome.headers);
  const isHead = response.req.method === 'HEAD';
  if (isHead || !(outcome.body instanceof Readable)) {
    discard(outcome);
    response.end(isHead ? undefined : outcome.body);
    return;
  }
  // A response that the client has left already is refused before the pipeline owns the body.
  await pipeline(outcome.body, response).catch(() => discard(outcome));
}

export function discard(reply: Reply): void {
  if (reply.body instanceof Readable) reply.body.destroy();
}

export function xmlReply(status: number, body: string, headers: Record<string, string> = {}): Reply {
  const length = String(Buffer.byteLength(body));
  return {
    status,
    headers: { 'content-type': 'application/xml', 'content-length': length, ...headers },
    body,
  };
}
