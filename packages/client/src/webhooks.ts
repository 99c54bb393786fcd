import type {
  CreatedWebhookEndpoint,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEventType,
  WebhookRecovery,
} from '@pixdock/contract/webhook';
import type { CallOptions } from './call-options.js';
import { jsonBody } from './http/body.js';
import { pages } from './http/pages.js';
import type { Transport } from './http/transport.js';

/** The URL of an endpoint and the events that it gets. */
export interface EndpointOptions extends CallOptions {
  url: string;
  /** None: the endpoint only permits the `webhookUrl` of submissions at its origin, and signs their events. */
  events: readonly WebhookEventType[];
  /** Whether the items of batches send events, too. */
  items?: boolean | undefined;
}

/** A filter for deliveries; all conditions must match. */
export interface DeliveryFilter extends CallOptions {
  status?: WebhookDelivery['status'] | undefined;
  endpointId?: string | undefined;
}

const ENDPOINTS = '/v1/webhooks/endpoints';
const DELIVERIES = '/v1/webhooks/deliveries';
const RECOVER = '/v1/webhooks/recover';

/** Operations on webhooks. All throw `PixdockApiError`, or the reason of their `signal` once it aborts. */
export function createWebhooks(transport: Transport) {
  const { read } = transport;
  return {
    endpoints: {
      /** Creates an endpoint. Store its `secret`: no later response contains it. */
      create({ url, events, items, signal }: EndpointOptions): Promise<CreatedWebhookEndpoint> {
        const body = jsonBody({ url, events, items });
        return read({ method: 'POST', path: ENDPOINTS, body, signal });
      },

      /** All endpoints of this key, oldest first. */
      async list({ signal }: CallOptions = {}): Promise<WebhookEndpoint[]> {
        const page = await read<{ items: WebhookEndpoint[] }>({ method: 'GET', path: ENDPOINTS, signal });
        return page.items;
      },

      /** Sends the event `endpoint.test`; returns its `webhook-id`. */
      async test(id: string, { signal }: CallOptions = {}): Promise<string> {
        const path = `${pathOf(ENDPOINTS, id)}/test`;
        return (await read<{ id: string }>({ method: 'POST', path, signal })).id;
      },

      /** Makes a new secret. For 24 hours events are also signed with the one before. */
      rotate(id: string, { signal }: CallOptions = {}): Promise<CreatedWebhookEndpoint> {
        return read({ method: 'POST', path: `${pathOf(ENDPOINTS, id)}/rotate`, signal });
      },

      /** Deletes an endpoint and its deliveries, also pending ones. */
      async delete(id: string, { signal }: CallOptions = {}): Promise<void> {
        await read({ method: 'DELETE', path: pathOf(ENDPOINTS, id), signal });
      },
    },

    deliveries: {
      /** Deliveries of this key, newest first. Pages are read on demand. */
      list({ signal, ...filter }: DeliveryFilter = {}): AsyncGenerator<WebhookDelivery, void, undefined> {
        return pages<WebhookDelivery>(transport, DELIVERIES, filter, signal);
      },

      /** Repeats a delivery under the same id, with ten attempts again. */
      resend(id: string, { signal }: CallOptions = {}): Promise<WebhookDelivery> {
        return read({ method: 'POST', path: `${pathOf(DELIVERIES, id)}/resend`, signal });
      },
    },

    /** Starts to send all failed deliveries again whose event happened since a time. */
    recover(since: Date, { signal }: CallOptions = {}): Promise<WebhookRecovery> {
      const body = jsonBody({ since: since.toISOString() });
      return read({ method: 'POST', path: RECOVER, body, signal });
    },

    /** How many deliveries a recovery has sent again, and whether it has finished. */
    getRecovery(id: string, { signal }: CallOptions = {}): Promise<WebhookRecovery> {
      return read({ method: 'GET', path: pathOf(RECOVER, id), signal });
    },
  };
}

const pathOf = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`;
