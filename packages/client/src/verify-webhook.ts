import type { WebhookEvent } from '@pixdock/contract/webhook';
import { say } from './messages/webhooks.js';

/** Why a request is not trusted. */
export type WebhookFault = 'header-missing' | 'timestamp-off' | 'signature-wrong';

export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';

  constructor(readonly fault: WebhookFault) {
    super(say('en', fault));
  }
}

export interface WebhookRequest {
  /** The body as received: a parsed and serialized one has another signature. */
  body: string | Uint8Array;
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** As the libraries of Standard Webhooks allow. */
const TOLERANCE_SECONDS = 300;

/**
 * Verifies the signature of a webhook as in Standard Webhooks 1.0, and that it is at most five minutes old. An event may
 * arrive more than once: ignore a `webhook-id` that you have seen.
 * @param secret that of the endpoint, `whsec_…`; several while one replaces the other
 * @throws WebhookVerificationError
 */
export async function verifyWebhook(
  { body, headers }: WebhookRequest,
  secret: string | readonly string[],
  nowMs = Date.now(),
): Promise<WebhookEvent> {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(headers, name),
  );
  if (id === undefined || timestamp === undefined || signatures === undefined)
    throw new WebhookVerificationError('header-missing');
  const isRecent = /^\d+$/.test(timestamp) && Math.abs(nowMs / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS;
  if (!isRecent) throw new WebhookVerificationError('timestamp-off');
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  for (const key of await Promise.all([secret].flat().map((one) => keyOf(one))))
    for (const signature of signatures.split(' ')) {
      const [version, value = ''] = signature.split(',');
      const given = version === 'v1' ? fromBase64(value) : null;
      if (given !== null && (await crypto.subtle.verify('HMAC', key, given, signed)))
        return JSON.parse(new TextDecoder().decode(bytes));
    }
  throw new WebhookVerificationError('signature-wrong');
}

function headerOf(headers: WebhookRequest['headers'], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const found = Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
  return typeof found === 'string' ? found : found?.[0];
}

function keyOf(secret: string) {
  const bytes = fromBase64(secret.replace(/^whsec_/, ''));
  if (bytes === null) throw new TypeError('the secret of the endpoint begins with whsec_');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
