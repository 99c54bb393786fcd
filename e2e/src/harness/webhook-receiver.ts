import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebhookEvent, webhookEventSchema } from '@pixdock/contract/webhook';
import { Webhook } from 'standardwebhooks';
import { ask } from './client.js';
import type { Stack } from './stack.js';

export interface ReceivedWebhook {
  /** `webhook-id`. */
  id: string;
  path: string;
  event: WebhookEvent;
  /** The status of the response. */
  status: number;
}

export interface WebhookReceiver {
  host: string;
  received: ReceivedWebhook[];
  /** Requests with a wrong signature. */
  refused: number;
  respondWith(status: number): void;
  /** Responds to the requests of an endpoint only after some time. */
  delay(name: string, ms: number): void;
  /** Holds the responses of an endpoint back until `release`. */
  hold(name: string): { open: () => number; release: () => void };
  /** Creates an endpoint `/NAME`, and returns its id. */
  subscribe(stack: Stack, name: string, wanted: object, headers?: Record<string, string>): Promise<string>;
  /** Verifies with another secret from now on. */
  expectSecret(name: string, secret: string): void;
  stop(): void;
}

/** Receives webhooks on loopback, and verifies each request with the library of Standard Webhooks. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const secrets = new Map<string, string>();
  const held = new Map<string, { open: number; ended: Promise<unknown> }>();
  const delays = new Map<string, number>();
  let status = 200;
  let refused = 0;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await buffer(request)).toString('utf8');
    const { pathname: path } = new URL(request.url ?? '', 'http://receiver');
    const name = path.split('/')[1] ?? '';
    const hold = held.get(name);
    if (hold !== undefined) {
      hold.open += 1;
      await Promise.race([hold.ended, once(response, 'close')]);
      hold.open -= 1;
      if (response.destroyed) return;
    }
    const delay = delays.get(name);
    if (delay !== undefined) await sleep(delay);
    try {
      new Webhook(secrets.get(name) ?? '').verify(body, headersOf(request.headers));
    } catch {
      refused += 1;
      response.writeHead(400).end();
      return;
    }
    const event = webhookEventSchema.parse(JSON.parse(body));
    received.push({ id: String(request.headers['webhook-id']), path, event, status });
    response.writeHead(status).end();
  }

  const server = createServer((request, response) => void receive(request, response).catch(() => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    received,
    get refused() {
      return refused;
    },
    respondWith: (next) => {
      status = next;
    },
    delay: (name, ms) => void delays.set(name, ms),
    hold(name) {
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const hold = { open: 0, ended };
      held.set(name, hold);
      return {
        open: () => hold.open,
        release: () => {
          held.delete(name);
          resolve();
        },
      };
    },
    async subscribe(stack, name, wanted, headers = {}) {
      const created = await ask<{ id: string; secret: string }>(stack, '/v1/webhooks/endpoints', {
        method: 'POST',
        body: JSON.stringify({ url: `http://${host}/${name}`, ...wanted }),
        headers: { 'Content-Type': 'application/json', ...headers },
      });
      if (created.status !== 201) throw new Error(`${created.status} ${JSON.stringify(created.body)}`);
      secrets.set(name, created.body.secret);
      return created.body.id;
    },
    expectSecret: (name, secret) => void secrets.set(name, secret),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const headersOf = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
