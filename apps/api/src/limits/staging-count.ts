import type { OwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { openReservations } from '@pixdock/shared/state/files/reservations';
import type { SharingParts } from '@pixdock/shared/state/files/shared-bytes';
import type { BytesByUse, UsageCounter } from '@pixdock/shared/state/folder-staging/usage-counter';

type Sharing = Pick<SharingParts, 'redis' | 'prefix'>;

/** Counts the files in staging. The reservation of an upload in progress counts instead of its files. */
export function openStagingCount(
  sharing: Sharing,
  counter: UsageCounter,
  maxBytes: number,
  usage: OwnerUsage,
) {
  /** Ids of the uploads in progress, each with the bytes that its reservation does not include. */
  const uploads = new Map<string, number>();
  /** The uploads of all processes that were in progress at any time since the count began. */
  let reservedIds = new Map<string, number>();
  let counted: BytesByUse = { uploads: 0, batches: 0, images: 0, endpoints: 0, outcomes: 0 };

  const parts = { ...sharing, kind: 'uploads', uploads } as const;
  const reservations = openReservations(parts, async (pace, uploadsOfOthers) => {
    reservedIds = new Map([...uploadsOfOthers, ...uploads]);
    const setCounted = usage.beginCount();
    const { total, byUse, byOwner } = await counter.all(reservedIds, pace);
    setCounted(byOwner);
    counted = byUse;
    return { usedBytes: total, limitBytes: maxBytes };
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
      if (storedBytes > 0) counter.note(id, owner);
      // A count in progress still skips these files; their bytes are added to its result.
      uploads.delete(id);
    },
  };
}
