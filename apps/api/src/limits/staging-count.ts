import type { StagingLayout } from '@pixdock/shared/state/files/layout';
import { openOutcomeBytes } from '@pixdock/shared/state/files/outcome-bytes';
import { openOwnerIndex } from '@pixdock/shared/state/files/owner-index';
import type { OwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { openReservations } from '@pixdock/shared/state/files/reservations';
import type { SharingParts } from '@pixdock/shared/state/files/shared-bytes';
import { bytesByOwner } from '@pixdock/shared/state/files/staged-bytes';

type Sharing = Pick<SharingParts, 'redis' | 'prefix'>;

/** Counts the files in staging. The reservation of an upload in progress counts instead of its files. */
export function openStagingCount(
  sharing: Sharing,
  layout: StagingLayout,
  maxBytes: number,
  usage: OwnerUsage,
) {
  const owners = openOwnerIndex(layout);
  const outcomes = openOutcomeBytes(layout);
  /** Ids of the uploads in progress, each with the bytes that its reservation does not include. */
  const uploads = new Map<string, number>();
  /** The uploads of all processes that were in progress at any time since the count began. */
  let reservedIds = new Map<string, number>();
  let counted = { uploads: 0, batches: 0, images: 0, endpoints: 0, outcomes: 0 };

  const parts = { ...sharing, kind: 'uploads', uploads } as const;
  const reservations = openReservations(parts, async (pace, uploadsOfOthers) => {
    reservedIds = new Map([...uploadsOfOthers, ...uploads]);
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
      uploads.set(id, storedBytes);
      // The bytes of an earlier request to the same upload count as stored since the count began.
      if (!reservedIds.has(id)) reservedIds.set(id, storedBytes);
    },

    endUpload(id: string, owner: string, storedBytes: number): void {
      if (storedBytes > 0) owners.note(id, owner);
      // A count in progress still skips these files; their bytes are added to its result.
      uploads.delete(id);
    },
  };
}
