import { createHmac, hash } from 'node:crypto';
import type { WebhookEvent } from '@pixdock/contract/webhook';
import { Webhook } from 'standardwebhooks';
import { reasonOf } from '../../http/problem.js';
import { pause } from '../../http/retry.js';

/** As many requests as the server sends to one endpoint at a time. */
const REQUESTS_AT_ONCE = 4;
/** Pauses after attempts without a response: a receiver that restarts gets its events. */
const PAUSES_MS = [1000, 2000, 4000, 8000];

export interface Attempt extends Posted {
  /** Milliseconds until the next attempt; null after the last one. */
  againMs: number | null;
}

export interface ForwarderOptions {
  url: string;
  secret: string;
  signal: AbortSignal;
  onAttempt: (event: WebhookEvent, attempt: Attempt) => void;
  /** For tests. */
  pausesMs?: readonly number[];
}

/** Forwards events to a URL, a few at a time. */
export function openForwarder({ url, secret, signal, onAttempt, pausesMs = PAUSES_MS }: ForwarderOptions) {
  const running = new Set<Promise<void>>();

  async function deliver(event: WebhookEvent): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const posted = await postWebhook(url, event, secret, signal);
      const againMs = posted.status === null ? (pausesMs[attempt] ?? null) : null;
      onAttempt(event, { ...posted, againMs });
      if (againMs === null) return;
      await pause(againMs, signal);
    }
  }

  return {
    /** Resolves when the event has begun. */
    async forward(event: WebhookEvent): Promise<void> {
      while (running.size >= REQUESTS_AT_ONCE) await Promise.race(running);
      const delivery = deliver(event)
        .catch((error: unknown) => {
          if (!signal.aborted) throw error;
        })
        .finally(() => running.delete(delivery));
      running.add(delivery);
    },
  };
}

/** The response of a receiver, or the reason for its absence. */
interface Posted {
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
  const digest = hash('sha256', `${type} ${data.id} ${data.version} ${url}`);
  return `msg_${digest.slice(0, 32)}`;
}

/** Posts an event once, signed as in Standard Webhooks 1.0. @throws the reason of the signal when it aborts */
async function postWebhook(
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
