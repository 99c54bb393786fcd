import type { Pace } from '../files/reservations.js';
import { openFolderFiles } from './folder-files.js';
import type { StagingLayout } from './layout.js';
import { countOutcomes, openOutcomeBytes } from './outcome-bytes.js';
import { openOwnerIndex } from './owner-index.js';
import { bytesByOwner, bytesByUse, bytesStaged, type StagedBytes, type WorkBytes } from './staged-bytes.js';

/** The bytes of the disk that count against STAGING_MAX_BYTES. */
export type BytesByUse = StagedBytes['byUse'] & { outcomes: number };

/** Counts the bytes in staging again and again; it remembers owners, and for a minute the outcomes. */
export interface UsageCounter {
  /** All bytes, see `bytesByOwner`. */
  all(without: ReadonlyMap<string, number>, pace?: Pace): Promise<StagedBytes & { byUse: BytesByUse }>;
  /** The bytes of images in progress, and all that stay longer, see `bytesStaged`. */
  work(pace?: Pace): Promise<WorkBytes>;
  /** Remembers the owner of a new image or batch, so that the next count need not read it. */
  note(id: string, owner: string): void;
}

export function openUsageCounter(layout: StagingLayout): UsageCounter {
  const owners = openOwnerIndex(openFolderFiles(layout.root));
  const outcomes = openOutcomeBytes(layout);
  return {
    async all(without, pace) {
      const { total, byUse, byOwner } = await bytesByOwner(layout, without, owners.begin(), pace);
      const found = await outcomes.read();
      for (const [owner, bytes] of found.byOwner) byOwner.set(owner, (byOwner.get(owner) ?? 0) + bytes);
      return { total: total + found.total, byUse: { ...byUse, outcomes: found.total }, byOwner };
    },
    async work(pace) {
      const { kept, ...work } = await bytesStaged(layout, owners.begin(), pace);
      return { ...work, kept: kept + (await outcomes.read()).total };
    },
    note: (id, owner) => owners.note(id, owner),
  };
}

export async function countByUse(layout: StagingLayout): Promise<BytesByUse> {
  return { ...(await bytesByUse(layout)), outcomes: (await countOutcomes(layout)).total };
}
