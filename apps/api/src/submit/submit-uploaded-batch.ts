import { createReadStream } from 'node:fs';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import type { TargetBatch, UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import { parseMapping } from '../batch-formats/csv-columns.js';
import { type ReceivedBatch, receiveInput } from '../batch-formats/receive-items.js';
import type { ApiDeps, Parts } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { Created } from '../http/resource.js';
import type { BatchAdmission } from '../limits/batch-admission.js';
import type { DiskReservation } from '../limits/disk-quota.js';
import { acceptBatch } from './accept-batch.js';
import { claimForUpload } from './idempotency.js';
import { newBatchId, repeatBatch } from './submit-batch.js';

/** Rows reserve space while they are read. The file needs no more space. */
const AS_READ = { declaredBytes: 1, firstBytes: 0 };

/** Creates a batch from a resumable upload, in the same steps as `submitBatch`. */
export async function submitUploadedBatch(
  c: ApiContext,
  deps: ApiDeps,
  upload: UploadEntry,
  target: TargetBatch,
): Promise<Created<BatchState>> {
  const { staging, shares, backlog, diskQuota } = deps;
  const { owner, webhook = null } = upload;
  const claimed = await claimForUpload(c, deps, upload);
  if (claimed.outcome === 'done')
    return repeatBatch(c, deps, claimed.done, await tryUploadedBatch(deps, upload, target));
  await using claim = claimed.claim;
  const { id } = claim;

  await using admission = await shares.admitBatch(owner);
  await backlog.size();
  const { outcomeBytes } = admission;
  using reservation = await diskQuota.reserve({ id, owner, ...AS_READ, outcomeBytes });
  await using arrival = await staging.batches.receive(id);
  const received = await receiveUploadedItems(deps, upload, target, { arrival, reservation, admission });
  const parts = { owner, claim, arrival, admission, reservation, webhook };
  return await acceptBatch(deps, parts, received);
}

/** Reads a resumable upload without creating a batch. */
async function tryUploadedBatch(
  deps: ApiDeps,
  upload: UploadEntry,
  target: TargetBatch,
): Promise<ReceivedBatch> {
  const id = newBatchId();
  using reservation = await deps.diskQuota.reserve({ id, owner: upload.owner, ...AS_READ });
  await using arrival = await deps.staging.batches.receive(id);
  return await receiveUploadedItems(deps, upload, target, { arrival, reservation, admission: null });
}

interface ItemsReceiver {
  arrival: BatchArrival;
  reservation: DiskReservation;
  admission: BatchAdmission | null;
}

async function receiveUploadedItems(
  { staging, config }: Parts<'staging' | 'config'>,
  { id }: UploadEntry,
  { contentType, profile, columns, webhookUrl }: TargetBatch,
  { arrival, reservation, admission }: ItemsReceiver,
): Promise<ReceivedBatch> {
  const path = staging.uploads.pathOf(id);
  const mapping = columns === null ? new Map() : parseMapping(columns);
  const chunks = createReadStream(path);
  // Without a listener, the error of a file that a sweep removed would end the process.
  chunks.on('error', () => {});
  try {
    const input = { contentType, profile, mapping, webhookUrl, chunks, path };
    return await receiveInput(input, arrival, config, reservation, admission);
  } finally {
    // The reader of a refused file may not have read it to its end.
    chunks.destroy();
  }
}
