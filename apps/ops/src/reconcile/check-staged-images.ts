import { isSettled } from '@pixdock/contract/status';
import { nowMs } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { orUnreadable } from '@pixdock/shared/runtime/unreadable';
import type { Entry } from '@pixdock/shared/state/images/entry';
import { type ImageRecord, isKeptForRetry } from '@pixdock/shared/state/images/image-record';
import { stagedIfNewer } from '@pixdock/shared/state/images/restored-record';
import { restoreImage } from '@pixdock/shared/state/restore/restore-image';
import { isOld, type ReconcileDeps } from './deps.js';

/** Finds staged images without a record or with an older one, and final images with files that they do not need. */
export async function checkStagedImages(deps: ReconcileDeps): Promise<void> {
  const { staging, images, report } = deps;
  await inGroups(staging.ids(), async (id) => {
    const entry = await orUnreadable(() => staging.ownEntry(id));
    if (entry === 'unreadable') return report.found({ kind: 'unreadable-account', id });
    const record = await orUnreadable(() => images.inRedis(id));
    if (record === 'unreadable') return;
    if (record !== null && entry !== null && stagedIfNewer(record, entry.record) !== null)
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
  // At the end of its retention, an image loses its record shortly before its file in staging.
  const isEnding = expiresAt !== null && Date.parse(expiresAt) < nowMs() && !isOld(expiresAt, deps);
  if (!isOld(updatedAt, deps) || isEnding || (await staging.ownEntry(id)) === null) return;
  await report.found({ kind: 'image-without-record', id, fix: () => restoreImage(deps, id) });
}

async function checkBehind(deps: ReconcileDeps, { record: staged }: Entry): Promise<void> {
  const { id, updatedAt } = staged;
  const { report } = deps;
  if (!isOld(updatedAt, deps)) return;
  await report.found({
    kind: 'record-behind',
    id,
    evidence: staged.status,
    fix: () => restoreImage(deps, id),
  });
}

async function checkFinal(deps: ReconcileDeps, { id, finishedAt }: ImageRecord): Promise<void> {
  const { staging, images, report } = deps;
  const findFinal = async () => {
    const record = await images.inRedis(id);
    if (record === null || !isSettled(record) || isKeptForRetry(record)) return null;
    const lastChange = await staging.writtenAt(id, 'image');
    return isOld(lastChange, deps) ? record : null;
  };
  if (!isOld(finishedAt, deps) || (await findFinal()) === null) return;
  await report.found({
    kind: 'staged-final-source',
    id,
    async fix() {
      const record = await findFinal();
      if (record !== null) await staging.writeOutcome(record);
      return record !== null;
    },
  });
}
