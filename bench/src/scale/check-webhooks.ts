import { until } from '@pixdock/e2e/harness/client';
import type { WebhookReceiver } from '@pixdock/e2e/harness/webhook-receiver';
import type { Checks } from './checks.js';

const WITHIN_S = 60;

/** Checks that each batch has sent one event, and its items none. */
export async function checkWebhooks(
  checks: Checks,
  { received }: WebhookReceiver,
  batchIds: readonly string[],
): Promise<void> {
  const about = (id: string) => received.filter(({ event }) => event.data.id === id);
  await until('an event for each batch', WITHIN_S, async () =>
    batchIds.every((id) => about(id).length > 0) ? true : null,
  );
  checks.add(
    'each batch sends one event, and its items none',
    received.length === batchIds.length,
    `${received.length} events for ${batchIds.length} batches`,
  );
}
