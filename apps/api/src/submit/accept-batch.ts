import { randomBytes } from 'node:crypto';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inSpan } from '@pixdock/shared/runtime/trace';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import type { BatchEntry } from '@pixdock/shared/state/records/batch-entry';
import { newBatchState } from '@pixdock/shared/state/records/batch-fields';
import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import type { WebhookTarget } from '@pixdock/shared/state/records/webhook-target';
import type { ReceivedBatch } from '../batch-formats/receive-items.js';
import type { ApiDeps } from '../deps.js';
import type { Created } from '../http/resource.js';
import type { BatchAdmission } from '../limits/batch-admission.js';
import type { DiskReservation } from '../limits/disk-quota.js';
import { runOrDefer } from '../when-redis-is-back.js';
import { discard } from './discard.js';
import type { CreationClaim } from './idempotency.js';

const FIRST_VERSION = 1;

/** Parts of a submission that end with the request. */
interface Acceptance {
  owner: string;
  claim: CreationClaim;
  arrival: BatchArrival;
  admission: BatchAdmission;
  reservation: DiskReservation;
  webhook: WebhookTarget | null;
}

/** Stages a batch whose items have arrived, creates its state, then enqueues it. */
export async function acceptBatch(
  deps: ApiDeps,
  { owner, claim, arrival, admission, reservation, webhook }: Acceptance,
  received: ReceivedBatch,
): Promise<Created<BatchState>> {
  const { writeLimits, batches, queue, config } = deps;
  const { id } = claim;
  const { profile, columns, total, rows, invalid, digest, warnings } = received;
  const secret = randomBytes(32).toString('hex');
  const { retentionMs } = config;
  const idempotency = claim.sign(digest);
  const facts = { total, rows, invalid, columns, createdAt: isoTime(), retentionMs };
  const entry: BatchEntry = { id, owner, profile, secret, idempotency, webhook, ...facts };
  await inSpan('stage', { 'pixdock.batch.id': id }, async () => {
    using _ = await writeLimits.acquire(owner);
    await arrival.commit(entry);
  });
  faultpoint('batch-staged');

  try {
    await claim.confirm();
    await batches.create(entry, FIRST_VERSION);
  } catch (error) {
    await discard<BatchState>(deps, arrival, batches, entry);
    throw error;
  }
  arrival.keep();
  reservation.commit(received.stagedBytes);
  admission.commit();
  claim.commit();
  deps.events.batchAccepted({ total, invalid });
  faultpoint('batch-recorded');

  // A job cannot be withdrawn: Redis may have it without having responded, and a worker may run it.
  await runOrDefer(deps, id, () => inSpan('enqueue', {}, () => queue.expand(id)));
  faultpoint('batch-queued');
  return { outcome: 'created', state: newBatchState(entry, FIRST_VERSION), claim, warnings };
}
