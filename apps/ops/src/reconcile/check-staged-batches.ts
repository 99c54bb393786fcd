import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { isBatchSettled } from '@pixdock/shared/state/batches/batch-state';
import type { Manifest } from '@pixdock/shared/state/manifest/manifest';
import { restoreBatch } from '@pixdock/shared/state/restore/restore-batch';
import { isOld, type ReconcileDeps } from './deps.js';

/** Finds staged batches without a record, a needed job, or a requested deletion in their record. */
export async function checkStagedBatches(deps: ReconcileDeps): Promise<void> {
  const { staging, report } = deps;
  for await (const id of staging.batches.ids()) {
    const manifest = await orUnreadable(() => staging.batches.open(id));
    if (manifest === 'unreadable') await report.found({ kind: 'unreadable-account', id });
    else if (manifest !== null) await checkBatch(deps, id, manifest);
  }
}

async function checkBatch(deps: ReconcileDeps, id: string, { entry }: Manifest): Promise<void> {
  const { staging, batches, queue, view, report } = deps;
  const state = await batches.inRedis(id);
  const fix = () => restoreBatch(deps, id);
  if (state === null) {
    // At the end of its retention, a batch loses its files before its record.
    if (isOld(entry.createdAt, deps) && (await staging.batches.open(id, 0)) !== null)
      await report.found({ kind: 'batch-without-record', id, fix });
    return;
  }
  if (!isOld(state.updatedAt, deps)) return;
  if ((await staging.batches.changes(id)).includes('deleted') && state.deleteRequestedAt === null)
    return report.found({ kind: 'deletion-pending', id, fix });
  if (isBatchSettled(state) || (await view.hasExpansion(id))) return;
  // It may have finished since the first read.
  const again = await batches.inRedis(id);
  if (again === null || isBatchSettled(again)) return;
  await report.found({ kind: 'batch-without-job', id, fix: () => queue.expand(entry) });
}
