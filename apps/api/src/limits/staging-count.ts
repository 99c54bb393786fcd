import { bytesByOwnerSchema, openLastCount } from '@pixdock/shared/state/files/last-count';
import type { OwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { type BeginCount, openReservations } from '@pixdock/shared/state/files/reservations';
import type { SharingParts } from '@pixdock/shared/state/files/shared-bytes';
import type { BytesByUse } from '@pixdock/shared/state/folder-staging/usage-counter';
import type { UnopenedStaging } from '@pixdock/shared/state/staging';
import { z } from 'zod';

type Sharing = Pick<SharingParts, 'redis' | 'prefix'>;

const bytesByUseSchema: z.ZodType<BytesByUse> = z.object({
  uploads: z.number(),
  batches: z.number(),
  images: z.number(),
  endpoints: z.number(),
  outcomes: z.number(),
});
const filesSchema = z.object({ total: z.number(), byUse: bytesByUseSchema, byOwner: bytesByOwnerSchema });

/** Counts the files in staging. The reservation of an upload in progress counts instead of its files. */
export function openStagingCount(
  sharing: Sharing,
  { openUsageCounter, notes }: Pick<UnopenedStaging, 'openUsageCounter' | 'notes'>,
  maxBytes: number,
  usage: OwnerUsage,
) {
  /** Ids of the uploads in progress, each with the bytes that its reservation does not include. */
  const uploads = new Map<string, number>();
  /** The uploads of all processes that were in progress at any time since the count began. */
  let reservedIds = new Map<string, number>();
  let counted: BytesByUse = { uploads: 0, batches: 0, images: 0, endpoints: 0, outcomes: 0 };

  const counter = openUsageCounter();
  const parts = { ...sharing, kind: 'uploads', uploads } as const;
  const beginCount: BeginCount<z.output<typeof filesSchema>> = (uploadsOfOthers) => {
    reservedIds = new Map([...uploadsOfOthers, ...uploads]);
    const setCounted = usage.beginCount();
    return {
      count: (pace) => counter.all(reservedIds, pace),
      use({ total, byUse, byOwner }) {
        setCounted(byOwner);
        counted = byUse;
        return { usedBytes: total, limitBytes: maxBytes };
      },
    };
  };
  const reservations = openReservations(parts, beginCount, openLastCount(notes, parts.kind, filesSchema));

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
