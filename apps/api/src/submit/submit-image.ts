import { randomBytes } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { Entry } from '@pixdock/shared/state/records/entry';
import type { DoneClaim } from '@pixdock/shared/state/records/idempotency';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { isSettled } from '@pixdock/shared/state/records/view';
import { fingerprintOf } from '../body/fingerprint.js';
import { receiveUrl } from '../body/json-body.js';
import { limitsOf } from '../body/limits-of.js';
import { checkHeaders, receive } from '../body/receive.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { Created } from '../http/resource.js';
import { readImage } from '../images.js';
import { runOrDefer } from '../when-redis-is-back.js';
import { discard } from './discard.js';
import { claimKey, repeatOf } from './idempotency.js';
import { recordOf } from './record-of.js';
import { webhookTargetOf } from './webhook-target.js';

/**
 * Estimate of a staged submission without a source: one disk block. The record takes about 2 KB, and URL, headers and metadata
 * usually less than that, at their limits 8 + 20 + 4 KiB. The next count of staging replaces the estimate.
 */
const SUBMISSION_BYTES = 4096;

/**
 * Creates an image from a request: stages it, creates its record, then enqueues it. Every step is idempotent, and the staged
 * submission is enough to continue after a crash.
 */
export async function submitImage(c: ApiContext, deps: ApiDeps): Promise<Created<ImageRecord>> {
  const { staging, writeLimits, diskQuota, backlog, shares, records, queue, tokenUses } = deps;
  const { owner, token } = c.get('caller');
  const limits = limitsOf({ token }, deps.config);
  const claimed = await claimKey(c, deps, newImageId());
  if (claimed.outcome === 'done') return repeatImage(c, deps, claimed.done);
  await using claim = claimed.claim;
  const { id } = claim;

  const form = checkHeaders(c, limits);
  // `backlog.size` fails while Redis is unavailable: this refuses the request before the caller sends a body.
  const [{ outcomeBytes }] = await Promise.all([shares.admitImage(owner), backlog.size()]);
  const length = Number(c.req.header('Content-Length') ?? limits.maxUploadBytes);
  const declaredBytes = form === 'json' ? SUBMISSION_BYTES : length;
  using reservation = await diskQuota.reserve({ id, owner, declaredBytes, outcomeBytes });

  // Only uploads whose body begins count: a refusal before it has cost nothing.
  if (token !== null) await tokenUses.count(token);
  await using arrival = form === 'json' ? staging.receiveAddress(id) : await staging.receive(id);
  const { stream } = arrival;
  const submission =
    stream === null ? await receiveUrl(c) : await receive(c, { stream, reservation }, limits);

  const webhook = await webhookTargetOf(deps, { owner, token }, submission.options.webhookUrl);
  const record = recordOf(id, { owner, uploadToken: token?.id ?? null, webhook }, submission);
  const origin = submission.kind === 'url' ? submission.origin : null;
  const entry: Entry = { record, origin, idempotency: claim.sign(fingerprintOf(submission)) };
  {
    using _ = await writeLimits.acquire(owner);
    await arrival.commit(entry);
  }
  faultpoint('image-staged');

  try {
    await claim.confirm();
    await records.create(record);
  } catch (error) {
    await discard(deps, arrival, records, record);
    throw error;
  }
  arrival.keep();
  reservation.commit(submission.kind === 'url' ? SUBMISSION_BYTES : submission.bytes);
  claim.commit();
  deps.events.imageAccepted();
  faultpoint('image-recorded');

  // A job cannot be withdrawn: Redis may have it without having responded, and a worker may run it.
  await runOrDefer(deps, id, () => queue.run(runOf(record)));
  faultpoint('image-queued');
  return { outcome: 'created', state: record, claim, warnings: submission.warnings };
}

const newImageId = () => `img_${randomBytes(16).toString('hex')}`;

/** The image that an earlier request with the same key created. @throws PixdockError idempotency_conflict */
async function repeatImage(c: ApiContext, deps: ApiDeps, done: DoneClaim): Promise<Created<ImageRecord>> {
  const { owner, token } = c.get('caller');
  const limits = limitsOf({ token }, deps.config);
  const isUrl = checkHeaders(c, limits) === 'json';
  const submission = isUrl ? await receiveUrl(c) : await receive(c, NOWHERE, limits);
  if (fingerprintOf(submission) !== done.fingerprint) throw new PixdockError('idempotency_conflict');
  const reading = readImage(deps, done.resourceId, owner, token);
  const repeat = await repeatOf(done, reading, submission.warnings);
  if (repeat.outcome === 'repeated' && !isSettled(repeat.state)) {
    // The server may have crashed before it created the record or the job.
    await deps.records.create(repeat.state);
    await deps.queue.run(runOf(repeat.state));
  }
  return repeat;
}

/** A repeated body is read and not stored. */
const NOWHERE = { stream: null, reservation: null };
