import { access, constants } from 'node:fs/promises';
import { isNearlyFull } from '@pixdock/shared/runtime/is-nearly-full';
import type { StagingLayout } from '@pixdock/shared/state/files/layout';
import { openOutcomeBytes } from '@pixdock/shared/state/files/outcome-bytes';
import { openOwnerIndex } from '@pixdock/shared/state/files/owner-index';
import { openOwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { openReservations, type Reservation } from '@pixdock/shared/state/files/reservations';
import { bytesByOwner } from '@pixdock/shared/state/files/staged-bytes';
import { openOwnerShare, type ShareOf } from './owner-share.js';

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
  /** Bytes of the owner's outcomes. They count toward the owner's share, but the count of staging does not know their owner. */
  outcomeBytes?: number;
}

export interface DiskQuota {
  /**
   * Reserves space for an upload if its declared length fits the quota and the owner's share.
   * @throws PixdockError staging_full · OverLimitError
   */
  reserve(upload: NewUpload): Promise<DiskReservation>;
  /** Whether staging is read-only, or its quota or its disk has no space for a small upload. */
  isFull(): Promise<boolean>;
  /** Counts the files in staging again if the last count is old. */
  refresh(): Promise<void>;
  /** The bytes of the last count, by use. Begins the next count if that one is old, and does not wait for it. */
  usage(): StagingUsage;
}

/** Bytes in staging. */
export interface StagingUsage {
  limit: number;
  byUse: {
    /** Bytes reserved by uploads in progress at this process, and those stored since the last count. */
    reserved: number;
    /** Uploads in progress at other processes, abandoned and resumable ones. */
    uploads: number;
    images: number;
    batches: number;
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

/** Keeps accepted uploads within STAGING_MAX_BYTES. Bytes that workers add count too; the worker has its own quota. */
export function openDiskQuota(
  layout: StagingLayout,
  maxBytes: number,
  shareOf: ShareOf = () => null,
): DiskQuota {
  const step = Math.min(STEP_BYTES, maxBytes * STEP_SHARE);
  const owners = openOwnerIndex(layout);
  const usage = openOwnerUsage();
  const outcomes = openOutcomeBytes(layout);
  // The reservation of an upload counts instead of its files: with each id, the bytes that it does not include.
  const reservedIds = new Map<string, number>();
  const releasedIds = new Set<string>();
  /** As `reservedIds`, for the next count: a resumable upload may have stored bytes since the last one. */
  const storedBefore = new Map<string, number>();
  /** Bytes that admitted uploads declared and have no reservation for yet. */
  let outstanding = 0;
  let counted = { uploads: 0, batches: 0, images: 0, outcomes: 0 };

  const reservations = openReservations(async (pace) => {
    for (const id of releasedIds) {
      reservedIds.delete(id);
      storedBefore.delete(id);
    }
    releasedIds.clear();
    for (const [id, bytes] of storedBefore) reservedIds.set(id, bytes);
    const setCounted = usage.beginCount();
    const { total, byUse, byOwner } = await bytesByOwner(layout, reservedIds, owners.begin(), pace);
    setCounted(byOwner);
    counted = { ...byUse, outcomes: await outcomes.read() };
    return { takenBytes: total + counted.outcomes, limitBytes: maxBytes };
  });

  // All outstanding bytes count: an admitted upload takes its declared length without another check.
  const unpromisedBytes = () => reservations.free() - outstanding;
  const share = openOwnerShare({ maxBytes, shareOf, usage, unpromisedBytes });
  const keptBytes = () => Math.min(outstanding, maxBytes * KEPT_SHARE);

  async function setAside(owner: string, least: number, most = least): Promise<Reservation> {
    const reservation = await reservations.take(least, most);
    if (reservation === null) throw share.full(owner, least);
    return reservation;
  }

  /** @throws OverLimitError when `bytes` more put the owner above their share and other owners need the remaining space */
  async function checkShare(owner: string, bytes: number, outcomeBytes?: number): Promise<void> {
    if (!share.isOver(owner, bytes, outcomeBytes)) return;
    await reservations.refreshBriefly();
    share.refuseIfOver(owner, bytes, outcomeBytes);
  }

  return {
    refresh: () => reservations.refresh(),

    usage() {
      reservations.refreshLater();
      const sum = Object.values(counted).reduce((all, bytes) => all + bytes, 0);
      return { limit: maxBytes, byUse: { ...counted, reserved: maxBytes - sum - reservations.free() } };
    },

    async isFull() {
      if (!(await reservations.fits(step)) || (await isNearlyFull(layout.root, step))) return true;
      return access(layout.root, constants.W_OK).then(
        () => false,
        () => true,
      );
    },

    async reserve({ id, owner, declaredBytes, firstBytes = declaredBytes, storedBytes = 0, outcomeBytes }) {
      await checkShare(owner, declaredBytes, outcomeBytes);
      if (!(await reservations.fits(declaredBytes + keptBytes()))) throw share.full(owner, declaredBytes);
      // Other uploads may have been admitted in the meantime.
      if (declaredBytes + keptBytes() > reservations.free()) throw share.full(owner, declaredBytes);
      share.refuseIfOver(owner, declaredBytes, outcomeBytes);
      let promised = declaredBytes;
      let covered = 0;
      const steps: Reservation[] = [];
      /** Updates the sums of reserved and of promised bytes. */
      const update = (nowCovered: number, nowPromised: number) => {
        const uncovered = (all: number, part: number) => Math.max(0, all - part);
        outstanding += uncovered(nowPromised, nowCovered) - uncovered(promised, covered);
        usage.reserve(owner, Math.max(nowPromised, nowCovered) - Math.max(promised, covered));
        [covered, promised] = [nowCovered, nowPromised];
      };
      outstanding += promised;
      usage.reserve(owner, promised);
      let stored = 0;
      const end = () => {
        update(0, 0);
        for (const [i, { release }] of steps.entries()) release(i === 0 ? stored : 0);
        usage.store(owner, stored);
        if (stored > 0) owners.note(id, owner);
        // A count in progress still skips these files; their bytes are added to its result.
        releasedIds.add(id);
      };
      try {
        steps.push(await setAside(owner, Math.min(firstBytes, declaredBytes, STEP_BYTES)));
        update(steps[0]?.bytes ?? 0, promised);
      } catch (error) {
        update(0, 0);
        throw error;
      }
      // Until the next count, the bytes of an earlier request to the same upload count as stored since the last one.
      if (!reservedIds.has(id)) reservedIds.set(id, storedBytes);
      storedBefore.set(id, storedBytes);
      releasedIds.delete(id);
      return {
        async growTo(needed) {
          if (needed <= covered) return;
          const more = needed - covered;
          if (needed > promised) {
            await checkShare(owner, more, outcomeBytes);
            if (!(await reservations.fits(more + keptBytes()))) throw share.full(owner, more);
          }
          const ahead = Math.max(needed, Math.min(promised, needed + step));
          const reservation = await setAside(
            owner,
            more,
            (needed > promised ? needed + step : ahead) - covered,
          );
          steps.push(reservation);
          update(covered + reservation.bytes, promised);
        },
        commit(bytes) {
          stored = bytes;
        },
        [Symbol.dispose]: end,
      };
    },
  };
}
