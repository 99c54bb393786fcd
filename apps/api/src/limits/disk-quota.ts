import type { Detail } from '@pixdock/contract/messages/detail';
import { openOwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import type { Reservation } from '@pixdock/shared/state/files/reservations';
import type { UnopenedStaging } from '@pixdock/shared/state/staging';
import { openDeclaredBytes, type UploadBytes } from './declared-bytes.js';
import { openOwnerShare, type ShareOf } from './owner-share.js';
import { openStagingCount } from './staging-count.js';

const MIB = 1024 * 1024;
/** Bytes that an upload reserves at a time, as they arrive. */
const STEP_BYTES = MIB;
/** In a small staging a step is small, too. */
const STEP_SHARE = 1 / 16;
/**
 * Largest share of staging that is kept for bytes that uploads in progress have declared and not sent. While these are a
 * quarter of the quota or less, every admitted upload finds space for its declared length: 2.5 GiB of 10 GiB are 128 uploads
 * of 20 MiB. Beyond that, uploads share it, and the minimum rate ends slow senders.
 */
const KEPT_SHARE = 1 / 4;

export interface NewUpload {
  /** Id of the image, the batch or the resumable upload. */
  id: string;
  owner: string;
  /** Content-Length of the request, or the most that it may send. */
  declaredBytes: number;
  /** Bytes reserved before anything arrives: up to one step. Default: `declaredBytes`. */
  firstBytes?: number;
  /** Bytes of a resumable upload that are in staging already. */
  storedBytes?: number;
}

export interface DiskQuota {
  /**
   * Reserves space for an upload if its declared length fits the quota and the owner's share.
   * @throws PixdockError staging_full · OverLimitError
   */
  reserve(upload: NewUpload): Promise<DiskReservation>;
  /** What is full, so that not even a small upload is accepted; null if nothing is. */
  findFull(): Promise<Detail | null>;
  /** Begins with the last count of the files in staging; without one, waits for the first. */
  begin(): Promise<void>;
  /** Counts the files in staging again if the last count is old. */
  refresh(): Promise<void>;
  /** The bytes of the last count, by use. Begins the next count if that one is old, and does not wait for it. */
  usage(): StagingUsage;
}

/** Bytes in staging. */
export interface StagingUsage {
  limit: number;
  byUse: {
    /** Bytes reserved by uploads in progress, and those stored since the last count. */
    reserved: number;
    /** Abandoned uploads, and resumable ones. */
    uploads: number;
    images: number;
    batches: number;
    endpoints: number;
    outcomes: number;
  };
}

/** Reserved space in staging for one upload. Disposal frees all bytes that were not committed. */
export interface DiskReservation extends Disposable {
  /**
   * Reserves `bytes` in total, a step ahead. Up to the declared length it may use the space kept for uploads in progress.
   * @throws PixdockError staging_full · OverLimitError
   */
  growTo(bytes: number): Promise<void>;
  /** Records that `bytes` were stored and stay. */
  commit(bytes: number): void;
}

/** Keeps the uploads of all APIs within STAGING_MAX_BYTES. The next count includes the bytes that workers add; workers have their own quota. */
export function openDiskQuota(
  sharing: Parameters<typeof openStagingCount>[0],
  staging: Pick<UnopenedStaging, 'openUsageCounter' | 'notes' | 'findFull'>,
  maxBytes: number,
  shareOf: ShareOf = () => null,
): DiskQuota & { stop(): void } {
  const step = Math.min(STEP_BYTES, maxBytes * STEP_SHARE);
  const usage = openOwnerUsage();
  const count = openStagingCount(sharing, staging, maxBytes, usage);
  const { reservations } = count;
  const declared = openDeclaredBytes(usage);

  // All outstanding bytes count: an admitted upload takes its declared length without another check.
  const unpromisedBytes = () => reservations.free() - declared.outstanding();
  const share = openOwnerShare({ maxBytes, shareOf, usage, unpromisedBytes });
  const keptBytes = () => Math.min(declared.outstanding(), maxBytes * KEPT_SHARE);

  async function setAside(owner: string, upload: UploadBytes, least: number, most = least) {
    const before = upload.reserved();
    // Before Redis responds: until then the reserved bytes would count as outstanding, too.
    upload.setReserved(before + least);
    const reservation = await reservations.take(least, most).catch((error: unknown) => {
      upload.setReserved(before);
      throw error;
    });
    upload.setReserved(before + (reservation?.bytes ?? 0));
    if (reservation === null) throw share.full(owner, least);
    return reservation;
  }

  /**
   * Checks the owner's share, and the space beside that which is kept for others.
   * @throws PixdockError staging_full · OverLimitError
   */
  async function expectRoom(owner: string, bytes: number): Promise<void> {
    if (share.isOver(owner, bytes)) {
      await reservations.refreshBriefly();
      share.refuseIfOver(owner, bytes);
    }
    if (!(await reservations.fits(bytes + keptBytes()))) throw share.full(owner, bytes);
  }

  return {
    begin: () => reservations.begin(),
    refresh: () => reservations.refresh(),
    stop: reservations.stop,

    usage() {
      reservations.refreshLater();
      const counted = count.byUse();
      const sum = Object.values(counted).reduce((all, bytes) => all + bytes, 0);
      return { limit: maxBytes, byUse: { ...counted, reserved: maxBytes - sum - reservations.free() } };
    },

    async findFull() {
      // Counts again before it reports the limit.
      await reservations.fits(step);
      const find = () => {
        const usedBytes = maxBytes - reservations.free();
        return staging.findFull({ usedBytes, maxBytes, neededBytes: step });
      };
      const full = await find();
      if (full === null) return null;
      // What fills the disk may not be the images that were published since the last count.
      await reservations.refreshEagerly();
      return find();
    },

    async reserve({ id, owner, declaredBytes, firstBytes = declaredBytes, storedBytes = 0 }) {
      await expectRoom(owner, declaredBytes);
      // Other uploads may have been admitted in the meantime.
      if (declaredBytes + keptBytes() > reservations.free()) throw share.full(owner, declaredBytes);
      share.refuseIfOver(owner, declaredBytes);
      const upload = declared.add(owner, declaredBytes);
      const steps: Reservation[] = [];
      try {
        steps.push(await setAside(owner, upload, Math.min(firstBytes, declaredBytes, STEP_BYTES)));
      } catch (error) {
        upload.end();
        throw error;
      }
      count.beginUpload(id, storedBytes);
      let stored = 0;
      return {
        async growTo(needed) {
          const reserved = upload.reserved();
          if (needed <= reserved) return;
          const more = needed - reserved;
          const isBeyond = needed > declaredBytes;
          if (isBeyond) await expectRoom(owner, more);
          const ahead = isBeyond ? needed + step : Math.max(needed, Math.min(declaredBytes, needed + step));
          steps.push(await setAside(owner, upload, more, ahead - reserved));
        },
        commit(bytes) {
          stored = bytes;
        },
        [Symbol.dispose]() {
          upload.end();
          for (const [i, { release }] of steps.entries()) release(i === 0 ? stored : 0);
          usage.store(owner, stored);
          count.endUpload(id, owner, stored);
        },
      };
    },
  };
}
