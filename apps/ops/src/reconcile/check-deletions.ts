import { stat } from 'node:fs/promises';
import { deletionIds } from '@pixdock/shared/state/files/walk';
import { requestDelete } from '@pixdock/shared/state/records/transitions';
import { findMain } from '../main-object.js';
import { isOld, type ReconcileDeps } from './deps.js';
import type { Found } from './report.js';

/** Every deletion that staging notes is on its way or done. */
export async function checkDeletions(deps: ReconcileDeps): Promise<void> {
  const { staging, report } = deps;
  for await (const id of deletionIds(staging.layout)) {
    const markedAt = await stat(staging.layout.deletion(id)).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
    const finding = isOld(markedAt, deps) ? await judge(deps, id) : null;
    if (finding !== null) await report.found(finding);
  }
}

async function judge(deps: ReconcileDeps, id: string): Promise<Found | null> {
  const { staging, records, queue } = deps;
  const record = await records.get(id);
  const found = (seen: string, mend: () => Promise<unknown>): Found => ({
    kind: 'deletion-pending',
    id,
    seen,
    mend: async () => {
      await mend();
      return true;
    },
  });
  if (record?.status === 'deleted') return found('done, but still noted', () => staging.settle(record));
  // One that its record asks for is looked at with the records.
  if (record !== null && record.deleteRequestedAt !== null) return null;
  if (record !== null)
    return found('noted, but not in the record', async () => {
      await records.move(id, requestDelete);
      await queue.delete(id, record.owner);
    });
  // With an account, the record comes back and has it done.
  const account = await staging.entry(id);
  if (account?.record.status === 'deleted')
    return found('done with its batch, but still noted', () => staging.dropDeletion(id));
  if (account !== null) return null;
  const main = await findMain(deps, id);
  if (main === null) return found('of nothing that is left', () => staging.dropDeletion(id));
  return found('of an image that only the bucket knows', async () => {
    await records.create(main);
    await records.move(id, requestDelete);
    await queue.delete(id, main.owner);
  });
}
