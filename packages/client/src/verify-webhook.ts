import type { WebhookEvent } from '@pixdock/contract/webhook';
import { WebhookVerificationError as Fault, Webhook } from 'standardwebhooks';

/** Its message says why the request is not trusted. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
}

export interface WebhookRequest {
  /** The body as received: a parsed and serialized one has another signature. */
  body: string | Uint8Array;
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * Verifies the signature of a webhook as in Standard Webhooks 1.0, and that it is at most five minutes old. An event may
 * arrive more than once: ignore a `webhook-id` that you have seen.
 * @param secret that of the endpoint, `whsec_…`; several while one replaces the other
 * @throws WebhookVerificationError
 */
export async function verifyWebhook(
  { body, headers }: WebhookRequest,
  secret: string | readonly string[],
): Promise<WebhookEvent> {
  // The library accepts no Uint8Array, and decodes a Buffer like this: without removing a byte order mark.
  const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  const given = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const flat = Object.fromEntries(given.map(([name, value]) => [name, [value].flat()[0] ?? '']));
  let reason = new Fault('No secret');
  for (const webhook of [secret].flat().map((one) => new Webhook(one)))
    try {
      return webhook.verify(text, flat) as WebhookEvent;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      reason = error;
    }
  throw new WebhookVerificationError(reason.message);
}
