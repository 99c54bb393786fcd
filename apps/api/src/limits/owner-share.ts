import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { OwnerUsage } from '@pixdock/shared/state/files/owner-usage';
import { overStaging } from './over-limit.js';

/** Share of staging that stays free of the uploads of an owner who is above their own share. */
const FREE_SHARE = 1 / 4;
/** While another owner was refused within this time, an owner above their share is not admitted. */
const REFUSED_MS = 30_000;
const RETRY_AFTER_SECONDS = 30;

/** Share of staging up to which an owner is admitted without further conditions; null or 1: all of it. */
export type ShareOf = (owner: string) => number | null;

interface Staging {
  maxBytes: number;
  shareOf: ShareOf;
  usage: Pick<OwnerUsage, 'bytes'>;
  /** Free bytes that no admitted upload has declared. */
  unpromisedBytes: () => number;
}

/** Keeps owners who use more of staging than their share from taking the space that other owners need. */
export function openOwnerShare({ maxBytes, shareOf, usage, unpromisedBytes }: Staging) {
  const refusedAt = new Map<string, number>();

  /** Whether `bytes` more put the owner above their share while other owners need the remaining space. */
  function isOver(owner: string, bytes: number): boolean {
    const share = shareOf(owner);
    if (share === null || share >= 1) return false;
    if (usage.bytes(owner) + bytes <= maxBytes * share) return false;
    return unpromisedBytes() - bytes < maxBytes * FREE_SHARE || wasOtherRefused(owner);
  }

  function wasOtherRefused(owner: string): boolean {
    const since = performance.now() - REFUSED_MS;
    return [...refusedAt].some(([other, at]) => other !== owner && at > since);
  }

  return {
    isOver,

    /** @throws OverLimitError */
    refuseIfOver(owner: string, bytes: number): void {
      if (isOver(owner, bytes))
        throw overStaging(usage.bytes(owner), maxBytes * (shareOf(owner) ?? 1), RETRY_AFTER_SECONDS);
    },

    /** The error for `bytes` that do not fit. An upload larger than FREE_SHARE does not restrict other owners. */
    full(owner: string, bytes: number): PixdockError {
      if (bytes <= maxBytes * FREE_SHARE) refusedAt.set(owner, performance.now());
      const free = Math.max(0, unpromisedBytes());
      return new PixdockError('staging_full', detailOf('staging-too-small', { bytes, free, max: maxBytes }));
    },
  };
}
