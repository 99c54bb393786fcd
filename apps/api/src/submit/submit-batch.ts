import { randomBytes } from 'node:crypto';
import { inSpan } from '@pixdock/shared/runtime/trace';
import { type BatchState, isBatchSettled } from '@pixdock/shared/state/records/batch-state';
import type { DoneClaim } from '@pixdock/shared/state/records/stored-claim';
import { type BatchLimits, checkBatchHeaders } from '../batch-formats/check-batch-headers.js';
import { type ReceivedBatch, receiveItems } from '../batch-formats/receive-items.js';
import { readBatch } from '../batches.js';
import type { ApiDeps, Parts } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { Created } from '../http/resource.js';
import type { DiskReservation } from '../limits/disk-quota.js';
import { acceptBatch } from './accept-batch.js';
import { claimKey, expectSameRequest } from './idempotency.js';
import { repeatOf } from './repeat-of.js';
import { webhookTargetOf } from './webhook-target.js';

/** Creates a batch from a request, in the same steps as `submitImage`. */
export async function submitBatch(c: ApiContext, deps: ApiDeps): Promise<Created<BatchState>> {
  const { staging, shares, config } = deps;
  const owner = c.get('owner');
  const claimed = await claimKey(c, deps, newBatchId());
  if (claimed.outcome === 'done') return repeatBatch(c, deps, claimed.done, await tryBatch(c, deps));
  await using claim = claimed.claim;
  const { id } = claim;

  const { webhookUrl } = checkBatchHeaders(c, config);
  const webhook = await webhookTargetOf(deps, c.get('caller'), webhookUrl);
  await using admission = await shares.admitBatch(owner);
  using reservation = await reserve(c, deps, id, admission.outcomeBytes);
  await using arrival = await staging.batches.receive(id);
  const received = await inSpan('receive', {}, () =>
    receiveItems(c, arrival, config, reservation, admission),
  );
  return await acceptBatch(deps, { owner, claim, arrival, admission, reservation, webhook }, received);
}

type TryDeps = Parts<'config' | 'staging' | 'backlog' | 'diskQuota'>;

export const newBatchId = () => `bat_${randomBytes(16).toString('hex')}`;

/** The batch that an earlier request with the same key created. @throws PixdockError idempotency_conflict */
export async function repeatBatch(
  c: ApiContext,
  deps: ApiDeps,
  done: DoneClaim,
  { digest, warnings }: ReceivedBatch,
): Promise<Created<BatchState>> {
  expectSameRequest(deps.config, done, digest);
  const reading = readBatch(deps, done.resourceId, c.get('owner'));
  const repeat = await repeatOf(done, reading, warnings);
  // The server may have crashed before it created the job that expands the batch.
  if (repeat.outcome === 'repeated' && !isBatchSettled(repeat.state))
    await deps.queue.expand(done.resourceId);
  return repeat;
}

/** Reads a body without creating a batch. */
export async function tryBatch(
  c: ApiContext,
  deps: TryDeps,
  limits: BatchLimits = deps.config,
): Promise<ReceivedBatch> {
  const id = newBatchId();
  using reservation = await reserve(c, deps, id, 0);
  await using arrival = await deps.staging.batches.receive(id);
  return await receiveItems(c, arrival, limits, reservation);
}

/** Reserves space in staging for a batch, after a check of its headers. */
async function reserve(
  c: ApiContext,
  deps: TryDeps,
  id: string,
  outcomeBytes: number,
): Promise<DiskReservation> {
  checkBatchHeaders(c, deps.config);
  // While Redis is unavailable, refuse the request before the caller sends a body.
  await deps.backlog.size();
  // A body without a Content-Length reserves its space as it arrives.
  const declaredBytes = Number(c.req.header('Content-Length') ?? 1);
  return deps.diskQuota.reserve({ id, owner: c.get('owner'), declaredBytes, firstBytes: 0, outcomeBytes });
}
