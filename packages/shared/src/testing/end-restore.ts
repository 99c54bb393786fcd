import type { Epoch } from '../state/epoch.js';

/** Ends the restore of an epoch without restoring anything. */
export async function endRestore(epoch: Epoch): Promise<void> {
  await epoch.endRestore((await epoch.current()).number);
}
