import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Stack } from '../harness/stack.js';

export interface StreamEvent {
  id: string;
  type: string;
  data: { id: string; version: number; status: string };
}

export interface OpenStream {
  status: number;
  headers: IncomingMessage['headers'];
  events: AsyncGenerator<StreamEvent>;
  /** Closes the connection without a word. */
  cut: () => void;
}

const ACME = { Authorization: 'Bearer key-of-the-owner-acme' };

/** Opens a stream of events, as acme by default. */
export async function openStream(
  stack: Stack,
  path: string,
  lastEventId?: string,
  headers: Record<string, string> = ACME,
): Promise<OpenStream> {
  const sent = request(new URL(path, stack.api.url), {
    agent: false,
    headers: {
      ...headers,
      ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
    },
  }).end();
  sent.on('error', () => {});
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events: eventsOf(response),
    cut: () => void response.destroy(),
  };
}

/** The events up to the end of the stream, or until it is cut. */
async function* eventsOf(response: IncomingMessage): AsyncGenerator<StreamEvent> {
  let rest = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      const blocks = `${rest}${chunk}`.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id, type, data] = /^id: (.+)\nevent: (.+)\ndata: (.+)$/m.exec(block) ?? [];
        if (id !== undefined && type !== undefined && type !== 'ready' && data !== undefined)
          yield { id, type, data: JSON.parse(data) };
      }
    }
  } catch (error) {
    if (!response.destroyed) throw error;
  }
}
