import type { WebhookEvent } from '@pixdock/contract/webhook';
import { WebhookVerificationError as Fault, Webhook } from 'standardwebhooks';
import { say } from './messages/api.js';

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
 * @throws WebhookVerificationError, TypeError for a parsed body or a secret of another kind
 */
export async function verifyWebhook(
  { body, headers }: WebhookRequest,
  secret: string | readonly string[],
): Promise<WebhookEvent> {
  const text = textOf(body);
  const given = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const flat = Object.fromEntries(given.map(([name, value]) => [name, [value].flat()[0] ?? '']));
  let reason = new Fault('No secret');
  for (const webhook of [secret].flat().map(webhookOf))
    try {
      return webhook.verify(text, flat) as WebhookEvent;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      reason = error;
    }
  // The library distinguishes its reasons by their messages only.
  const isOther = reason.message.startsWith('No matching');
  throw new WebhookVerificationError(isOther ? say('en', 'no-matching-signature') : reason.message);
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  // The library accepts no Uint8Array, and decodes a Buffer like this: without removing a byte order mark.
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer)
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body as Uint8Array);
  throw new TypeError(say('en', 'body-not-raw'));
}

function webhookOf(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    throw new TypeError(say('en', 'invalid-webhook-secret'));
  }
}
