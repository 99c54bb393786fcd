import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { WebhookEvent } from '@pixdock/contract/webhook';
import { send } from './request.js';

/** Bob's receiver of webhooks, which responds at once. */
export interface Receiver {
  host: string;
  /** Subscribes to bob's published images, once for each service. */
  subscribe(port: number): Promise<void>;
  /** Calls back with each image, and how long its event took. */
  listen(onEvent: (imageId: string, delayMs: number) => void): void;
}

export async function startReceiver(): Promise<Receiver> {
  let listener: (imageId: string, delayMs: number) => void = () => {};
  const subscribed = new Set<number>();
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const { timestamp, data } = (await json(request)) as WebhookEvent;
    listener(data.id, Math.max(0, Date.now() - Date.parse(timestamp)));
    response.writeHead(204).end();
  };
  const server = createServer((request, response) => void receive(request, response).catch(() => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    async subscribe(port) {
      if (subscribed.has(port)) return;
      subscribed.add(port);
      const wanted = Buffer.from(JSON.stringify({ url: `http://${host}/`, events: ['image.published'] }));
      const { status } = await send(port, 'POST', '/v1/webhooks/endpoints', wanted, 'application/json');
      if (status !== '201') throw new Error(`bob's endpoint: ${status}`);
    },
    listen: (onEvent) => void (listener = onEvent),
  };
}
