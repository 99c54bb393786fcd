import { BATCH_ID, IMAGE_ID } from '@pixdock/contract/ids';
import { isDeletedStatus } from '@pixdock/contract/status';
import type { JobFollowUps, JobHandlers } from '@pixdock/shared/queue/jobs';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { composeEvent, type Delivery } from '@pixdock/shared/state/webhooks/delivery';
import type { Endpoint } from '@pixdock/shared/state/webhooks/endpoint-files';
import type { Parts } from '../deps.js';
import { nextDelayMs } from '../webhooks/schedule.js';
import { signedHeaders } from '../webhooks/sign.js';

/** Requests to one endpoint at a time. */
const REQUESTS_AT_ONCE = 4;
/** Then the other endpoints have their turn. */
const TURN_MS = 5000;
const GONE = 410;
/** Those of four resends with ten attempts each, and the first ten. */
const MAX_LISTED_ATTEMPTS = 50;

type Deps = Parts<'endpoints' | 'deliveries' | 'images' | 'batches' | 'sender' | 'events'>;

/**
 * Sends the due deliveries of one endpoint, and comes again when the next one is due.
 * @param firstDelayMs for tests, see `nextDelayMs`
 */
export function deliverWebhooks(deps: Deps, firstDelayMs?: number): JobHandlers['deliver-webhooks'] {
  const { endpoints, deliveries, events } = deps;
  return async ({ endpointId, owner }, { signal }) => {
    const began = performance.now();
    while (!signal.aborted && performance.now() - began < TURN_MS) {
      const endpoint = await endpoints.find(owner, endpointId);
      if (endpoint === null) {
        await deliveries.removeEndpoint(owner, endpointId);
      } else if (endpoint.disabledAt !== null) {
        for (const delivery of await deliveries.due(owner, endpointId, 100, 'all'))
          await deliveries.save({ ...delivery, status: 'failed', nextAttemptAt: null });
      } else {
        const due = await deliveries.due(owner, endpointId, REQUESTS_AT_ONCE);
        const areGone = await Promise.all(
          due.map((delivery) => deliver(deps, endpoint, delivery, signal, firstDelayMs)),
        );
        if (areGone.includes(true)) {
          await endpoints.disable(owner, endpointId);
          events.endpointDisabled(owner, endpointId);
        }
      }
      const nextAt = await deliveries.nextDueAt(endpointId);
      if (nextAt === null) return { outcome: 'done' };
      if (nextAt > nowMs()) return { outcome: 'again', afterMs: nextAt - nowMs() };
    }
    return { outcome: 'again', afterMs: 0 };
  };
}

/** Continues with a delivery that was added while the job of its endpoint ended, and found that job in the queue. */
export function deliverIfDue({
  deliveries,
  queue,
}: Parts<'deliveries' | 'queue'>): NonNullable<JobFollowUps['deliver-webhooks']> {
  return async ({ endpointId, owner }) => {
    if ((await deliveries.nextDueAt(endpointId)) !== null) await queue.deliver(endpointId, owner);
  };
}

/** Attempts a delivery. An attempt that a stop ends does not count. Returns whether the endpoint itself responded 410. */
async function deliver(
  deps: Deps,
  { url, secret, previous }: Endpoint,
  delivery: Delivery,
  signal: AbortSignal,
  firstDelayMs?: number,
): Promise<boolean> {
  const { sender, deliveries, images, batches, events } = deps;
  const { event } = delivery;
  const { id } = event.data;
  const subject = { image: await images.inRedis(id), batch: await batches.inRedis(id) };
  const body = Buffer.from(JSON.stringify(composeEvent(event, subject)));
  const began = nowMs();
  const secrets = [secret, ...previous.map((one) => one.secret)];
  const outcome = await sender
    .post(delivery.webhookUrl ?? url, body, signedHeaders(delivery.id, body, secrets), signal)
    .catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
  if (outcome === null) return false;
  const { status, error, retryAfterMs, again } = outcome;
  const attempt = { at: isoTime(began), status, error, latencyMs: Math.max(0, nowMs() - began) };
  const attempts = [...delivery.attempts, attempt].slice(-MAX_LISTED_ATTEMPTS);
  const tries = delivery.tries + 1;
  const isDelivered = status !== null && status >= 200 && status < 300;
  const isOver = isDelivered || status === GONE || !again;
  const afterMs = isOver ? null : nextDelayMs(tries, retryAfterMs, firstDelayMs);
  const next: Delivery = {
    ...delivery,
    attempts,
    tries,
    status: isDelivered ? 'delivered' : afterMs === null ? 'failed' : 'pending',
    nextAttemptAt: afterMs === null ? null : isoTime(nowMs() + afterMs),
  };
  await deliveries.save(next);
  // A deletion leaves the targets of those that are still to be sent.
  const mayOutliveDeletion = next.status !== 'pending' && next.webhookUrl !== null;
  if (mayOutliveDeletion && (await isDeleted(deps, id))) await deliveries.eraseTargets(delivery.owner, id);
  if (next.status === 'failed') events.webhookFailed(next);
  // A `webhookUrl` that is gone says nothing about the endpoint.
  return status === GONE && delivery.webhookUrl === null;
}

async function isDeleted({ images, batches }: Parts<'images' | 'batches'>, id: string): Promise<boolean> {
  const image = IMAGE_ID.test(id) ? await images.inRedis(id) : null;
  if (image !== null) return isDeletedStatus(image.status);
  const batch = BATCH_ID.test(id) ? await batches.inRedis(id) : null;
  return batch !== null && batch.buriedAt !== null;
}
