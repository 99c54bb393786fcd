import type { StagingLayout } from '@pixdock/shared/state/files/layout';
import { openOutcomeBytes } from '@pixdock/shared/state/files/outcome-bytes';
import { openOwnerIndex } from '@pixdock/shared/state/files/owner-index';
import type { OwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { openReservations } from '@pixdock/shared/state/files/reservations';
import { bytesByOwner } from '@pixdock/shared/state/files/staged-bytes';

/** Counts the files in staging. The reservation of an upload in progress counts instead of its files. */
export function openStagingCount(layout: StagingLayout, maxBytes: number, usage: OwnerUsage) {
  const owners = openOwnerIndex(layout);
  const outcomes = openOutcomeBytes(layout);
  // With each id, the bytes that its reservation does not include.
  const reservedIds = new Map<string, number>();
  const releasedIds = new Set<string>();
  /** As `reservedIds`, for the next count: a resumable upload may have stored bytes since the last one. */
  const storedBefore = new Map<string, number>();
  let counted = { uploads: 0, batches: 0, images: 0, endpoints: 0, outcomes: 0 };

  const reservations = openReservations(async (pace) => {
    for (const id of releasedIds) {
      reservedIds.delete(id);
      storedBefore.delete(id);
    }
    releasedIds.clear();
    for (const [id, bytes] of storedBefore) reservedIds.set(id, bytes);
    const setCounted = usage.beginCount();
    const { total, byUse, byOwner } = await bytesByOwner(layout, reservedIds, owners.begin(), pace);
    const ofOutcomes = await outcomes.read();
    for (const [owner, bytes] of ofOutcomes.byOwner) byOwner.set(owner, (byOwner.get(owner) ?? 0) + bytes);
    setCounted(byOwner);
    counted = { ...byUse, outcomes: ofOutcomes.total };
    return { usedBytes: total + counted.outcomes, limitBytes: maxBytes };
  });

  return {
    reservations,
    /** The bytes of the last count. */
    byUse: () => counted,

    /** @param storedBytes bytes of the upload that are in staging already */
    beginUpload(id: string, storedBytes: number): void {
      // Until the next count, the bytes of an earlier request to the same upload count as stored since the last one.
      if (!reservedIds.has(id)) reservedIds.set(id, storedBytes);
      storedBefore.set(id, storedBytes);
      releasedIds.delete(id);
    },

    endUpload(id: string, owner: string, storedBytes: number): void {
      if (storedBytes > 0) owners.note(id, owner);
      // A count in progress still skips these files; their bytes are added to its result.
      releasedIds.add(id);
    },
  };
}
