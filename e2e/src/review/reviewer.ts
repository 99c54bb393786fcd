import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** A request to the reviewer. */
interface ReviewedImage {
  /** `webhook-id`. */
  requestId: string;
  event: { type: string; data: Record<string, unknown> & { id: string; externalId?: string | null } };
  bytes: Buffer;
  mediaType: string;
}

export interface Reviewer {
  host: string;
  url: string;
  /** Requests with a valid signature and the image that the event names. */
  asked: ReviewedImage[];
  /** All other requests. */
  refused: number;
  /** Answers the requests from now on; by default `approve`. */
  answer: (image: ReviewedImage, response: ServerResponse) => void;
  /** Breaks all connections, and accepts none until `listen`. */
  stop(): Promise<void>;
  listen(): Promise<void>;
}

export const decide = (response: ServerResponse, decision: string, reasons: object[] = []) =>
  response.writeHead(200).end(JSON.stringify({ decision, reasons }));

/** A reviewer that verifies each request. */
export async function startReviewer(address = '127.0.0.1'): Promise<Reviewer> {
  const server = createServer((request, response) => {
    void receive(request, response).catch(() => {
      reviewer.refused++;
      response.writeHead(400).end();
    });
  });
  await once(server.listen(0, address), 'listening');
  const { port } = server.address() as AddressInfo;
  const host = `${address}:${port}`;
  const reviewer: Reviewer = {
    host,
    url: `http://${host}/review`,
    asked: [],
    refused: 0,
    answer: (_image, response) => decide(response, 'approve'),
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    listen: async () => void (await once(server.listen(port, address), 'listening')),
  };

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { 'content-type': String(request.headers['content-type']) };
    const form = await new Response(new Uint8Array(await buffer(request)), { headers }).formData();
    const event = form.get('event');
    const image = form.get('image');
    const text = typeof event === 'string' ? event : await (event as Blob).text();
    const signature = Object.fromEntries(
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
        name,
        String(request.headers[name]),
      ]),
    );
    new Webhook(SECRET).verify(text, signature);
    const bytes = Buffer.from(await (image as File).arrayBuffer());
    const parsed = JSON.parse(text) as ReviewedImage['event'];
    if (createHash('sha256').update(bytes).digest('hex') !== parsed.data.sha256)
      throw new Error('other bytes than those that are signed');
    const reviewed = {
      requestId: signature['webhook-id'] ?? '',
      event: parsed,
      bytes,
      mediaType: (image as File).type,
    };
    reviewer.asked.push(reviewed);
    reviewer.answer(reviewed, response);
  }

  return reviewer;
}
