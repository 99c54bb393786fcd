import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { inSpan } from '@pixdock/shared/runtime/trace';
import type { Arrival } from '@pixdock/shared/state/files/arrival';
import type { Entry } from '@pixdock/shared/state/records/entry';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { runOf } from '@pixdock/shared/state/records/run-of';
import type { WebhookTarget } from '@pixdock/shared/state/records/webhook-target';
import { fingerprintOf } from '../body/fingerprint.js';
import type { Submission } from '../body/submission.js';
import type { ApiDeps } from '../deps.js';
import type { Created } from '../http/resource.js';
import type { DiskReservation } from '../limits/disk-quota.js';
import { runOrDefer } from '../when-redis-is-back.js';
import { discard } from './discard.js';
import type { CreationClaim } from './idempotency.js';
import { recordOf } from './record-of.js';

/**
 * Estimate of a staged submission without a source: one disk block. The record takes about 2 KB, and URL, headers and metadata
 * usually less than that, at their limits 8 + 20 + 4 KiB. The next count of staging replaces the estimate.
 */
export const SUBMISSION_BYTES = 4096;

/** Parts of a submission that end with the request. */
interface Acceptance {
  claim: CreationClaim;
  arrival: Arrival;
  reservation: DiskReservation;
  submitter: { owner: string; uploadToken: string | null; webhook: WebhookTarget | null };
  /** Bytes that the submission adds to staging. */
  stagedBytes: number;
}

/** Stages a submission whose source has arrived, creates its record, then enqueues it. */
export async function acceptImage(
  deps: ApiDeps,
  { claim, arrival, reservation, submitter, stagedBytes }: Acceptance,
  submission: Submission,
): Promise<Created<ImageRecord>> {
  const { writeLimits, records, queue } = deps;
  const { id } = claim;
  const record = recordOf(id, submitter, submission);
  const origin = submission.kind === 'url' ? submission.origin : null;
  const entry: Entry = { record, origin, idempotency: claim.sign(fingerprintOf(submission)) };
  await inSpan('stage', { 'pixdock.image.id': id }, async () => {
    using _ = await writeLimits.acquire(submitter.owner);
    await arrival.commit(entry);
  });
  faultpoint('image-staged');

  try {
    await claim.confirm();
    await records.create(record);
  } catch (error) {
    await discard(deps, arrival, records, record);
    throw error;
  }
  arrival.keep();
  reservation.commit(stagedBytes);
  claim.commit();
  deps.events.imageAccepted();
  faultpoint('image-recorded');

  // A job cannot be withdrawn: Redis may have it without having responded, and a worker may run it.
  await runOrDefer(deps, id, () => inSpan('enqueue', {}, () => queue.enqueue(runOf(record))));
  faultpoint('image-queued');
  return { outcome: 'created', state: record, claim, warnings: submission.warnings };
}
