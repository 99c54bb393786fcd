import { createHash, createHmac } from 'node:crypto';
import type { WebhookEvent } from '@pixdock/contract/webhook';
import { Webhook } from 'standardwebhooks';
import { reasonOf } from '../../http/problem.js';

/** The response of a receiver, or the reason for its absence. */
export interface Posted {
  status: number | null;
  /** The beginning of the body, or the reason of the network error. */
  text: string;
  latencyMs: number;
}

/** As for webhooks of the server. */
const TIMEOUT_MS = 15_000;
const SHOWN_CHARACTERS = 120;

/** The secret for a key: the same in every run, so that a receiver needs it once. */
export function secretOf(apiKey: string): string {
  return `whsec_${createHmac('sha256', apiKey).update('pixdock listen --forward-to').digest('base64')}`;
}

/** The `webhook-id` of an event for a URL: the same for all attempts. */
export function webhookIdOf(url: string, { type, data }: WebhookEvent): string {
  const digest = createHash('sha256').update(`${type} ${data.id} ${data.version} ${url}`).digest('hex');
  return `msg_${digest.slice(0, 32)}`;
}

/** Posts an event once, signed as in Standard Webhooks 1.0. @throws the reason of the signal when it aborts */
export async function postWebhook(
  url: string,
  event: WebhookEvent,
  secret: string,
  signal: AbortSignal,
): Promise<Posted> {
  const began = performance.now();
  const posted = (status: number | null, text: string) => ({
    status,
    text,
    latencyMs: Math.round(performance.now() - began),
  });
  const body = JSON.stringify(event);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...signed(webhookIdOf(url, event), body, secret) },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = (await response.text().catch(() => '')).trim().slice(0, SHOWN_CHARACTERS);
    return posted(response.status, text);
  } catch (error) {
    signal.throwIfAborted();
    return posted(null, reasonOf(error));
  }
}

function signed(id: string, body: string, secret: string): Record<string, string> {
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
}
