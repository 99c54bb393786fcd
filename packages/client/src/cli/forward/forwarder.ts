import type { WebhookEvent } from '@pixdock/contract/webhook';
import { pause } from '../../http/retry.js';
import { type Posted, postWebhook } from './post-webhook.js';

/** As many requests as the server sends to one endpoint at a time. */
const AT_ONCE = 4;
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
      while (running.size >= AT_ONCE) await Promise.race(running);
      const delivery = deliver(event)
        .catch((error: unknown) => {
          if (!signal.aborted) throw error;
        })
        .finally(() => running.delete(delivery));
      running.add(delivery);
    },
  };
}
