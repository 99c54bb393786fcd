import type { Text } from '@pixdock/contract/messages/text';
import { isDeleted } from '@pixdock/shared/state/images/image-record';
import { requestDelete } from '@pixdock/shared/state/images/transitions';
import { findMain } from '../main-object.js';
import { text } from '../messages/reconcile.js';
import { isOld, type ReconcileDeps } from './deps.js';
import type { Discrepancy } from './report.js';

/** Finds deletion marks in staging whose deletion is neither running nor completed. */
export async function checkDeletions(deps: ReconcileDeps): Promise<void> {
  const { staging, report } = deps;
  for await (const id of staging.deletions()) {
    const markedAt = await staging.writtenAt(id, 'deletion');
    const finding = isOld(markedAt, deps) ? await check(deps, id) : null;
    if (finding !== null) await report.found(finding);
  }
}

async function check(deps: ReconcileDeps, id: string): Promise<Discrepancy | null> {
  const { staging, images, queue } = deps;
  const record = await images.inRedis(id);
  const found = (evidence: Text, fix: () => Promise<void>): Discrepancy => ({
    kind: 'deletion-pending',
    id,
    evidence,
    fix,
  });
  if (record !== null && isDeleted(record))
    return found(text('deletion-done'), () => staging.writeOutcome(record));
  // The check of the records covers deletions that the record requests.
  if (record !== null && record.deleteRequestedAt !== null) return null;
  if (record !== null)
    return found(text('deletion-not-in-record'), async () => {
      await images.change(id, requestDelete);
      await queue.delete(id, record.owner);
    });
  // The API restores the record of a staged image and completes the deletion.
  const entry = await staging.entry(id);
  if (entry !== null && isDeleted(entry.record))
    return found(text('deletion-done-with-batch'), () => staging.dropDeletion(id));
  if (entry !== null) return null;
  const main = await findMain(deps, id);
  if (main.outcome === 'sealed') return { kind: 'sealed-metadata', id, evidence: main.keyId };
  if (main.outcome === 'foreign') return found(text('deletion-of-nothing'), () => staging.dropDeletion(id));
  const { image } = main;
  return found(text('deletion-only-in-bucket'), async () => {
    await images.create(image);
    await images.change(id, requestDelete);
    await queue.delete(id, image.owner);
  });
}
