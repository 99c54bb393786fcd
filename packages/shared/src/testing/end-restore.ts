import type { Epoch } from '../state/epoch.js';

/** Ends the restore of an epoch without restoring anything. */
export async function endRestore(epoch: Epoch): Promise<void> {
  await using lease = await epoch.tryRestore();
  if (lease === null) throw new Error('another process restores');
  await lease.end((await epoch.current()).number);
}
