import { stat } from 'node:fs/promises';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import { stagedIds } from '@pixdock/shared/state/files/walk';
import type { Entry } from '@pixdock/shared/state/records/entry';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { catchUp } from '@pixdock/shared/state/records/restored';
import { isSettled } from '@pixdock/shared/state/records/view';
import { caughtUp, restoreOne } from '@pixdock/shared/state/restore';
import { isOld, type ReconcileDeps } from './deps.js';

/** Every staged image has its record, and none that is final keeps what it does not need any more. */
export async function checkStagedImages(deps: ReconcileDeps): Promise<void> {
  const { staging, records, report } = deps;
  await inGroups(stagedIds(staging.layout), async (id) => {
    const entry = await orUnreadable(() => staging.account(id));
    if (entry === 'unreadable') return report.found({ kind: 'unreadable-account', id });
    const record = await orUnreadable(() => records.get(id));
    if (record === 'unreadable') return;
    if (record !== null && entry !== null && catchUp(record, entry.record) !== null)
      return checkBehind(deps, entry);
    if (record !== null) return checkFinal(deps, record);
    if (entry !== null) await checkLost(deps, entry);
  });
}

async function checkLost(
  deps: ReconcileDeps,
  { record: { id, updatedAt, expiresAt } }: Entry,
): Promise<void> {
  const { staging, report } = deps;
  // An image whose retention ends loses its record first, and its account a moment later.
  const isEnding = expiresAt !== null && Date.parse(expiresAt) < Date.now() && !isOld(expiresAt, deps);
  if (!isOld(updatedAt, deps) || isEnding || (await staging.account(id)) === null) return;
  await report.found({
    kind: 'image-without-record',
    id,
    async mend() {
      await restoreOne(deps, id);
      return true;
    },
  });
}

async function checkBehind(deps: ReconcileDeps, { record: account }: Entry): Promise<void> {
  const { id, updatedAt } = account;
  const { records, report } = deps;
  if (!isOld(updatedAt, deps)) return;
  await report.found({
    kind: 'record-behind',
    id,
    seen: account.status,
    async mend() {
      const record = await records.get(id);
      return record !== null && caughtUp(deps, record);
    },
  });
}

async function checkFinal(deps: ReconcileDeps, { id, finishedAt }: ImageRecord): Promise<void> {
  const { staging, records, report } = deps;
  const look = async () => {
    const record = await records.get(id);
    if (record === null || !isSettled(record) || keepsSource(record)) return null;
    const touchedAt = await touched(staging.layout.image(id));
    return isOld(touchedAt, deps) ? record : null;
  };
  if (!isOld(finishedAt, deps) || (await look()) === null) return;
  await report.found({
    kind: 'staged-final-source',
    id,
    async mend() {
      const record = await look();
      if (record !== null) await staging.settle(record);
      return record !== null;
    },
  });
}

// For `retry`; the sweep ends it.
const keepsSource = ({ status, batchId }: ImageRecord) => status === 'failed' && batchId === null;

/** When a folder was last written to; null when there is none. */
function touched(folder: string): Promise<number | null> {
  return stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
