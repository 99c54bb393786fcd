import type { BatchChange } from '@pixdock/shared/state/batches/batch-changes';
import type { BatchState } from '@pixdock/shared/state/records/batch-state';
import type { Parts } from '../../deps.js';

/** Records a requested change durably in staging, before Redis has it. */
export async function noteBatchChange(
  { staging, writeLimits }: Parts<'staging' | 'writeLimits'>,
  { id, owner }: BatchState,
  change: BatchChange,
): Promise<void> {
  using _ = await writeLimits.acquire(owner);
  await staging.batches.noteChange(id, change);
}
