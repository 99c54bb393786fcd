import { sleep } from '@pixdock/shared/clock';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import { isSettled } from '@pixdock/shared/contract/view';
import { asError, PixdockError } from '@pixdock/shared/errors';
import { type Claim, type DoneClaim, hashIdempotencyKey } from '@pixdock/shared/records/idempotency';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { readImage } from '../images.js';
import { accept, newImageId, newRecord, withSubmission } from './accept.js';
import { fingerprintOf, parseIdempotencyKey } from './idempotency-key.js';

const RELEASE_MS = 250;

export type Submitted =
  /** `remember` keeps the answer for whoever repeats the request. */
  | { outcome: 'accepted'; record: ImageRecord; remember: (status: number, body: string) => Promise<void> }
  | { outcome: 'repeated'; record: ImageRecord; answer: DoneClaim['answer'] };

/** One submission, once: with an Idempotency-Key a repeat gets the first one's answer. */
export async function submit(c: ApiContext, deps: ApiDeps): Promise<Submitted> {
  const key = parseIdempotencyKey(c.req.header('Idempotency-Key'));
  if (key === null) {
    const record = await submitNew(c, deps, newImageId(), null);
    return { outcome: 'accepted', record, remember: async () => {} };
  }
  const keyHash = hashIdempotencyKey(key);
  const claimed = await deps.idempotency.claim(c.get('owner'), keyHash, newImageId());
  if (claimed.outcome === 'running') throw new PixdockError('idempotency_in_progress');
  if (claimed.outcome === 'done') return repeat(c, deps, claimed.done);
  return submitClaimed(c, deps, claimed.claim, keyHash);
}

async function submitClaimed(
  c: ApiContext,
  deps: ApiDeps,
  claim: Claim,
  keyHash: string,
): Promise<Submitted> {
  try {
    const left = await deps.staging.entry(claim.imageId);
    if (left !== null) {
      // The request before died between staging and answer: its image exists and is joined.
      const fingerprint = left.idempotency?.fingerprint ?? '';
      const repeated = await repeat(c, deps, {
        state: 'done',
        imageId: claim.imageId,
        fingerprint,
        answer: null,
      });
      await claim.complete(fingerprint, null);
      return repeated;
    }
    let fingerprint = '';
    const record = await submitNew(c, deps, claim.imageId, (made) => {
      fingerprint = made;
      return { keyHash, fingerprint };
    });
    return {
      outcome: 'accepted',
      record,
      // Accepted is accepted: a key that cannot be completed runs out, and its repeat joins the image.
      remember: (status, body) =>
        claim.complete(fingerprint, { status, body }).catch((error) => {
          c.get('log').warn({ err: asError(error) }, 'an answer could not be kept for its Idempotency-Key');
        }),
    };
  } catch (error) {
    // Redis may be why it failed, and then it does not answer this either.
    await Promise.race([claim.release().catch(() => {}), sleep(RELEASE_MS)]);
    throw error;
  }
}

function submitNew(
  c: ApiContext,
  deps: ApiDeps,
  id: string,
  idempotency: ((fingerprint: string) => { keyHash: string; fingerprint: string }) | null,
): Promise<ImageRecord> {
  return withSubmission(c, deps, id, (submission, commit) => {
    const made = idempotency === null ? null : idempotency(fingerprintOf(submission));
    return accept(deps, newRecord(id, c.get('owner'), submission), made, commit);
  });
}

// The body is read all the same: only it tells whether this is the same request.
async function repeat(c: ApiContext, deps: ApiDeps, done: DoneClaim): Promise<Submitted> {
  const fingerprint = await withSubmission(c, deps, newImageId(), async (submission) =>
    fingerprintOf(submission),
  );
  if (fingerprint !== done.fingerprint) throw new PixdockError('idempotency_conflict');
  const record = await readImage(deps, done.imageId, c.get('owner'));
  if (!isSettled(record)) {
    // Its server may have died before it had a record or a job.
    await deps.records.create(record);
    await deps.queue.process(record.id, record.run);
  }
  return { outcome: 'repeated', record, answer: done.answer };
}
