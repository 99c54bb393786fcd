import { batchSchema } from '@pixdock/contract/batch';
import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { BatchChange } from '@pixdock/shared/state/staged/batch-changes';
import type { Parts } from '../../deps.js';
import { bodyRefusals, json } from '../responses.js';

/** Responses to a change of a batch. */
export const changedBatch = (description: string) => ({
  ...bodyRefusals,
  202: json(description, batchSchema),
});

/** The response to a change that was carried out within the time to wait. */
export const finishedBatch = json('Finished within the time to wait', batchSchema);

/** Records a requested change durably in staging, before Redis has it. */
export async function noteBatchChange(
  { staging, writeLimits }: Parts<'staging' | 'writeLimits'>,
  { id, owner }: BatchState,
  change: BatchChange,
): Promise<void> {
  using _ = await writeLimits.acquire(owner);
  await staging.batches.noteChange(id, change);
}
