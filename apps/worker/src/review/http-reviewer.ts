import { createHash, randomBytes } from 'node:crypto';
import type { Detail } from '@pixdock/contract/messages/detail';
import { detailOf } from '@pixdock/contract/messages/detail';
import { DECISIONS, type Decision, REVIEW_REASONS, type ReviewReason } from '@pixdock/contract/review';
import { backoffMs, isoTime } from '@pixdock/shared/runtime/clock';
import { z } from 'zod';
import { type Permit, permitOnce, retryAfter, type Wait } from '../admission/permit.js';
import { staggerRetries } from '../admission/stagger-retries.js';
import type { WebhookSender } from '../fetch/post.js';
import { signedHeaders } from '../webhooks/sign.js';

/** A model takes seconds for an image. */
export const REVIEW_TIMEOUT_MS = 30_000;
/** Longest response body: the reasons that are kept, with space for more. */
export const ANSWER_BYTES = 64 * 1024;
/** Images of one owner that a worker has reviewed at a time, or puts after it. Each keeps its outputs in memory. */
const REQUESTS_PER_OWNER = 8;
/** Images of all owners: an owner whose images the reviewer hangs at leaves as many to the others. */
const REQUESTS = 2 * REQUESTS_PER_OWNER;
/** An owner whose images wait asks again within this time, unless they are deleted. */
const WAITS_MS = 60_000;
const BASE_MS = 1000;
const CAP_MS = 30_000;

/** An image to review. */
export interface ReviewRequest {
  /** The same for each request about the same bytes and profile. */
  id: string;
  owner: string;
  image: Buffer;
  filename: string;
  mediaType: string;
  /** The `data` of the event, without the digest of the image. */
  data: Record<string, unknown>;
}

type ReviewAnswer =
  | { outcome: 'decided'; decision: Decision; reasons: ReviewReason[] }
  | { outcome: 'failed'; detail: Detail };

/** The service behind REVIEW_HTTP_URL. */
export interface HttpReviewer {
  /**
   * Acquires a permit for a request about an owner's image, to be held until the image is published. Refuses while too many are held, while
   * other owners wait and this one has its share, and for a while after a failure at one of this owner's images. Then it grants one at a time.
   */
  acquire(owner: string): Permit | Wait;
  /** @throws the reason of `signal` when it aborts */
  ask(request: ReviewRequest, signal: AbortSignal): Promise<ReviewAnswer>;
}

export function openHttpReviewer(
  { url, secret }: { url: string; secret: string },
  sender: WebhookSender,
): HttpReviewer {
  /** Of owners whose last request failed: their images may be what the reviewer fails at. At most one for each owner with an API key. */
  const pauses = new Map<string, { failures: number; beganAt: number; until: number }>();
  const inProgress = new Map<string, number>();
  /** When an owner was last refused; without those that have got a permit since. */
  const waiting = new Map<string, number>();
  const nextRetryMs = staggerRetries();

  function count(owner: string, change: 1 | -1): void {
    const requests = (inProgress.get(owner) ?? 0) + change;
    if (requests === 0) inProgress.delete(owner);
    else inProgress.set(owner, requests);
  }

  function mayAsk(owner: string, now: number): boolean {
    const all = [...inProgress.values()].reduce((sum, requests) => sum + requests, 0);
    const own = inProgress.get(owner) ?? 0;
    const pause = pauses.get(owner);
    if (pause !== undefined) return all < REQUESTS && own === 0 && now >= pause.until;
    const owners = new Set([owner, ...waiting.keys(), ...inProgress.keys()]);
    const share = Math.max(1, Math.floor(REQUESTS / owners.size));
    return all < REQUESTS && own < Math.min(share, REQUESTS_PER_OWNER);
  }

  function forgetIdle(now: number): void {
    for (const [owner, at] of waiting) if (at <= now - WAITS_MS) waiting.delete(owner);
  }

  return {
    acquire(owner) {
      const now = performance.now();
      forgetIdle(now);
      if (mayAsk(owner, now)) {
        waiting.delete(owner);
        count(owner, 1);
        return permitOnce(() => count(owner, -1));
      }
      waiting.set(owner, now);
      return retryAfter(Math.max((pauses.get(owner)?.until ?? 0) - now, nextRetryMs(owner)));
    },

    async ask(request, signal) {
      const { owner } = request;
      const sentAt = performance.now();
      const answer = await post(request, signal);
      const before = pauses.get(owner);
      if (answer.outcome === 'decided') pauses.delete(owner);
      // Requests that fail together are one failure.
      else if (before === undefined || sentAt > before.beganAt) {
        const failures = (before?.failures ?? 0) + 1;
        const beganAt = performance.now();
        pauses.set(owner, { failures, beganAt, until: beganAt + backoffMs(failures, BASE_MS, CAP_MS) });
      }
      return answer;
    },
  };

  async function post(request: ReviewRequest, signal: AbortSignal): Promise<ReviewAnswer> {
    const sha256 = createHash('sha256').update(request.image).digest('hex');
    const event = JSON.stringify({
      type: 'image.review',
      timestamp: isoTime(),
      data: { ...request.data, sha256 },
    });
    const { body, contentType } = toForm(request, event);
    // Sign the event, not the form: most frameworks give a handler only the parsed parts. The event has the digest of the image.
    const headers = {
      'content-type': contentType,
      ...signedHeaders(request.id, Buffer.from(event), [secret]),
    };
    const response = await sender.post(url, body, headers, signal);
    if (response.status === null) return { outcome: 'failed', detail: detailOf('review-no-response') };
    const { status } = response;
    if (status !== 200) return { outcome: 'failed', detail: detailOf('review-status', { status }) };
    const answer = answerSchema.safeParse(parsed(response.body));
    if (!answer.success) return { outcome: 'failed', detail: detailOf('review-answer-invalid') };
    return { outcome: 'decided', ...answer.data };
  }
}

const cut = (max: number) => z.string().transform((text) => text.slice(0, max).toWellFormed());

const answerSchema = z.object({
  decision: z.enum(DECISIONS),
  reasons: z
    .array(
      z.object({
        label: cut(REVIEW_REASONS.label),
        score: z.number().nullable().default(null),
        text: cut(REVIEW_REASONS.text).nullable().default(null),
      }),
    )
    .default([])
    .transform((reasons) => reasons.slice(0, REVIEW_REASONS.count)),
});

function parsed(body: Buffer | null): unknown {
  try {
    return body === null ? null : JSON.parse(body.toString());
  } catch {
    return null;
  }
}

/** A form with the image and the event (RFC 7578). */
function toForm({ image, filename, mediaType }: ReviewRequest, event: string) {
  const boundary = `pixdock-${randomBytes(16).toString('hex')}`;
  const head = (name: string, type: string, file = '') =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\nContent-Type: ${type}\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(`${head('event', 'application/json')}${event}\r\n`),
    Buffer.from(head('image', mediaType, `; filename="${filename}"`)),
    image,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}
