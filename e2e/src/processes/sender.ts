import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Image } from '@pixdock/contract/image';
import type { Stack } from '../harness/stack.js';

/** Makes an API log the requests that it has read. */
export const TELLS_REQUESTS = {
  NODE_OPTIONS: `--import=${fileURLToPath(new URL('tell-requests.mjs', import.meta.url))}`,
};

/** Whether an API has read a request without responding. */
export const hasRead = (output: string, name: string) => output.includes(`read ${name}\n`);

/** The outcome of one attempt to upload. */
export type Sent =
  | { outcome: 'responded'; status: number; image: Image }
  /** No connection, or no response. */
  | { outcome: 'broken'; name: string };

/** Uploads once and reports the outcome of each attempt; `fetch` and clients may retry. */
export function openSender({ api }: Stack, keepAlive: boolean) {
  const agent = new Agent({ keepAlive });
  return {
    async send(key: string, bytes: Uint8Array): Promise<Sent> {
      const name = randomUUID();
      const upload = request(new URL(`/v1/images?externalId=${key}`, api.url), {
        agent,
        method: 'POST',
        headers: {
          Authorization: 'Bearer key-of-the-owner-acme',
          'Content-Type': 'image/jpeg',
          'Content-Length': bytes.length,
          'Idempotency-Key': key,
          'X-Try': name,
        },
      });
      upload.end(bytes);
      try {
        const [response]: IncomingMessage[] = await once(upload, 'response');
        if (response === undefined) throw new Error('no response');
        return {
          outcome: 'responded',
          status: response.statusCode ?? 0,
          image: JSON.parse(await text(response)),
        };
      } catch {
        return { outcome: 'broken', name };
      }
    },
    close: () => agent.destroy(),
  };
}
