import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { Manifest } from '@pixdock/shared/state/batches/manifest';
import { isThere } from '@pixdock/shared/state/files/durable';
import { batchFiles } from '@pixdock/shared/state/files/layout';
import { batchIds } from '@pixdock/shared/state/files/walk';
import { isBatchSettled } from '@pixdock/shared/state/records/batch-state';
import { restoreBatch } from '@pixdock/shared/state/restore';
import { isOld, type ReconcileDeps } from './deps.js';

/** Every staged batch has its record, its job while there is anything to do, and what was asked of it. */
export async function checkStagedBatches(deps: ReconcileDeps): Promise<void> {
  const { staging, report } = deps;
  for await (const id of batchIds(staging.layout)) {
    const manifest = await orUnreadable(() => staging.batches.open(id));
    if (manifest === 'unreadable') await report.found({ kind: 'unreadable-account', id });
    else if (manifest !== null) await checkBatch(deps, id, manifest);
  }
}

async function checkBatch(deps: ReconcileDeps, id: string, { entry, folder }: Manifest): Promise<void> {
  const { staging, batches, queue, view, report } = deps;
  const state = await batches.get(id);
  const mend = async () => {
    await restoreBatch(deps, id);
    return true;
  };
  if (state === null) {
    // A batch whose retention ends loses its files first.
    if (isOld(entry.createdAt, deps) && (await isThere(batchFiles(folder).entry)))
      await report.found({ kind: 'batch-without-record', id, mend });
    return;
  }
  if (!isOld(state.updatedAt, deps)) return;
  if ((await staging.batches.marks(id)).includes('deleted') && state.deleteRequestedAt === null)
    return report.found({ kind: 'deletion-pending', id, mend });
  if (isBatchSettled(state) || (await view.hasExpansion(id))) return;
  // It may have finished between the two looks.
  const again = await batches.get(id);
  if (again === null || isBatchSettled(again)) return;
  await report.found({
    kind: 'batch-without-job',
    id,
    async mend() {
      await queue.expand(id);
      return true;
    },
  });
}
