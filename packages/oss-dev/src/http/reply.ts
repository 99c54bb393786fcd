import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What an operation answers. A stream belongs to whoever holds the reply: send it or `discard` it. */
export type Reply = { status: number; headers: Record<string, string>; body?: string | Readable };

/** What the connection sees: a reply, a TCP reset, or silence. The last two exist for faults only. */
export type Outcome = Reply | 'reset' | 'hang';

export async function send(outcome: Outcome, response: ServerResponse, isHead: boolean): Promise<void> {
  // What the client has not finished sending is read and dropped: closing on it would lose the answer.
  response.req.unpipe();
  response.req.resume();
  if (outcome === 'hang') return;
  if (outcome === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(outcome.status, outcome.headers);
  if (isHead || !(outcome.body instanceof Readable)) {
    discard(outcome);
    response.end(isHead ? undefined : outcome.body);
    return;
  }
  await pipeline(outcome.body, response).catch(ignoreClientGone);
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

function ignoreClientGone(): void {
  // The response is destroyed already and nobody is left to tell.
}
