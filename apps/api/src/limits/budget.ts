import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { StagingLayout } from '@pixdock/shared/state/files/layout';
import { openOutcomeBytes } from '@pixdock/shared/state/files/outcome-bytes';
import { openOwnerIndex } from '@pixdock/shared/state/files/owner-index';
import { openOwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { openReservations, type Reservation } from '@pixdock/shared/state/files/reservations';
import { bytesByOwner } from '@pixdock/shared/state/files/walk';
import { OverLimitError } from './over-limit.js';

const MIB = 1024 * 1024;
/** Bytes that an upload reserves at a time, as they arrive. */
const STEP_BYTES = MIB;
/** In a small staging a step is small, too. */
const STEP_SHARE = 1 / 16;
/**
 * Share of staging that is kept, at most, for what uploads in progress still have to send. While that is a quarter of the
 * budget or less, every admitted upload finds space for all that it declared: 2.5 GiB of 10 GiB are 128 uploads of 20 MiB.
 * Beyond that they share it, and slow senders are ended by the pace of request bodies.
 */
const KEPT_SHARE = 1 / 4;
/** Share of staging that stays free of the uploads of an owner who is above their own share. */
const FREE_SHARE = 1 / 4;
/** For so long after another owner was refused, an owner above their share is not admitted. */
const REFUSED_MS = 30_000;
const RETRY_AFTER_SECONDS = 30;

export interface NewUpload {
  /** Id of the image or the batch. */
  id: string;
  owner: string;
  /** Bytes that the request says it has, or that it may have at most. */
  declaredBytes: number;
  /** Bytes reserved before anything arrives: up to one step. Default: `declaredBytes`. */
  firstBytes?: number;
  /** Bytes that the owner takes besides, which no count attributes: outcomes. */
  otherBytes?: number;
}

export interface Budget {
  /**
   * Admits an upload if its declared length fits the budget and the owner's share.
   * @throws PixdockError staging_full · OverLimitError
   */
  admit(upload: NewUpload): Promise<Room>;
  /** Counts the files in staging again if the last count is old. */
  refresh(): Promise<void>;
}

/** Space in staging for one upload. Disposal returns all but what is kept. */
export interface Room extends Disposable {
  /**
   * Reserves space for `bytes` in all, a step ahead. Up to the declared length it may use what is kept for uploads in progress.
   * @throws PixdockError staging_full · OverLimitError
   */
  cover(bytes: number): Promise<void>;
  /** `bytes` were stored and stay. */
  keep(bytes: number): void;
}

/** Share of staging up to which an owner is admitted without further conditions; null or 1: all of it. */
export type ShareOf = (owner: string) => number | null;

/** Keeps what is accepted within STAGING_MAX_BYTES. What workers add counts as well; they have bounds of their own. */
export function openBudget(layout: StagingLayout, maxBytes: number, shareOf: ShareOf = () => null): Budget {
  const step = Math.min(STEP_BYTES, maxBytes * STEP_SHARE);
  const owners = openOwnerIndex(layout);
  const usage = openOwnerUsage();
  const outcomes = openOutcomeBytes(layout);
  const refusedAt = new Map<string, number>();
  // An upload with a reservation counts by that, and not by its files.
  const reserved = new Set<string>();
  const released = new Set<string>();
  /** Bytes that admitted uploads declared and have no reservation for yet. */
  let outstanding = 0;

  const reservations = openReservations(async () => {
    for (const id of released) reserved.delete(id);
    released.clear();
    const setCounted = usage.beginCount();
    const { total, byOwner } = await bytesByOwner(layout, reserved, owners.begin());
    setCounted(byOwner);
    return { takenBytes: total + (await outcomes.read()), limitBytes: maxBytes };
  });

  const kept = () => Math.min(outstanding, maxBytes * KEPT_SHARE);

  /** The error for `bytes` that do not fit. One upload larger than what stays free for all tells nothing about the others' need. */
  function full(owner: string, bytes: number): PixdockError {
    if (bytes <= maxBytes * FREE_SHARE) refusedAt.set(owner, performance.now());
    return new PixdockError('staging_full');
  }

  async function take(owner: string, least: number, most = least): Promise<Reservation> {
    const taken = await reservations.take(least, most);
    if (taken === null) throw full(owner, least);
    return taken;
  }

  /** @throws OverLimitError when `bytes` more put the owner above their share, and others need what is left */
  async function checkShare(owner: string, bytes: number, otherBytes = 0): Promise<void> {
    if (!isOverShare(owner, bytes, otherBytes)) return;
    await reservations.refreshBriefly();
    refuseOverShare(owner, bytes, otherBytes);
  }

  function refuseOverShare(owner: string, bytes: number, otherBytes = 0): void {
    if (isOverShare(owner, bytes, otherBytes)) throw overShare(maxBytes * (shareOf(owner) ?? 1));
  }

  function isOverShare(owner: string, bytes: number, otherBytes: number): boolean {
    const share = shareOf(owner);
    if (share === null || share >= 1) return false;
    if (usage.bytes(owner) + otherBytes + bytes <= maxBytes * share) return false;
    // Everything outstanding, not only what is kept for it: an admitted upload takes what it declared without another check.
    return reservations.free() - outstanding - bytes < maxBytes * FREE_SHARE || wasOtherRefused(owner);
  }

  function wasOtherRefused(owner: string): boolean {
    const since = performance.now() - REFUSED_MS;
    return [...refusedAt].some(([other, at]) => other !== owner && at > since);
  }

  return {
    refresh: () => reservations.refresh(),

    async admit({ id, owner, declaredBytes, firstBytes = declaredBytes, otherBytes }) {
      await checkShare(owner, declaredBytes, otherBytes);
      if (!(await reservations.fits(declaredBytes + kept()))) throw full(owner, declaredBytes);
      // Other uploads may have been admitted in the meantime.
      if (declaredBytes + kept() > reservations.free()) throw full(owner, declaredBytes);
      refuseOverShare(owner, declaredBytes, otherBytes);
      let promised = declaredBytes;
      let covered = 0;
      const taken: Reservation[] = [];
      /** Notes how much is reserved, and how much is promised in all. */
      const note = (nowCovered: number, nowPromised: number) => {
        const toCome = (all: number, part: number) => Math.max(0, all - part);
        outstanding += toCome(nowPromised, nowCovered) - toCome(promised, covered);
        usage.promise(owner, Math.max(nowPromised, nowCovered) - Math.max(promised, covered));
        [covered, promised] = [nowCovered, nowPromised];
      };
      outstanding += promised;
      usage.promise(owner, promised);
      let stored = 0;
      const end = () => {
        note(0, 0);
        for (const [i, { release }] of taken.entries()) release(i === 0 ? stored : 0);
        usage.store(owner, stored);
        if (stored > 0) owners.note(id, owner);
        // A count in progress still skips it, and what came is added to its result.
        released.add(id);
      };
      try {
        taken.push(await take(owner, Math.min(firstBytes, declaredBytes, STEP_BYTES)));
        note(taken[0]?.bytes ?? 0, promised);
      } catch (error) {
        note(0, 0);
        throw error;
      }
      reserved.add(id);
      released.delete(id);
      return {
        async cover(needed) {
          if (needed <= covered) return;
          const more = needed - covered;
          if (needed > promised) {
            await checkShare(owner, more, otherBytes);
            if (!(await reservations.fits(more + kept()))) throw full(owner, more);
          }
          const ahead = Math.max(needed, Math.min(promised, needed + step));
          const reservation = await take(owner, more, (needed > promised ? needed + step : ahead) - covered);
          taken.push(reservation);
          note(covered + reservation.bytes, promised);
        },
        keep(bytes) {
          stored = bytes;
        },
        [Symbol.dispose]: end,
      };
    },
  };
}

function overShare(bytes: number): OverLimitError {
  const quota = { name: 'staging', limit: Math.floor(bytes), unit: 'content-bytes' } as const;
  const max = Math.floor(bytes / MIB) * MIB;
  return new OverLimitError(quota, detailOf('staging-share', { max }), RETRY_AFTER_SECONDS);
}
