import { STATUSES, type Status } from '@pixdock/contract/status';
import type { ImageRecord } from './images/image-record.js';

/** A change of an image or a batch, as Redis publishes it. */
export interface Change {
  id: string;
  version: number;
  owner: string;
  /** The batch of an item; null for every other image and for a batch itself. */
  batchId: string | null;
  /** Null for a batch, whose status follows from its counts, and for a status that only a newer version knows. */
  status: Status | null;
}

/** The value of an absent field. */
const NONE = '-';

/** The message for a new state of an image: `{id} {version} {owner} {batchId} {status}`, with `-` for no batch. */
export function formatImageChange({ id, version, owner, batchId, status }: ImageRecord): string {
  return [id, version, owner, batchId ?? NONE, status].join(' ');
}

/** The message for a new state of a batch, in the same form; most are published by `lua/prelude.lua`. */
export function formatBatchChange({ id, version, owner }: Pick<Change, 'id' | 'version' | 'owner'>): string {
  return [id, version, owner, NONE, NONE].join(' ');
}

// Versions have at most 15 digits, so that they are exact as numbers. A newer version may add fields at the end.
const MESSAGE =
  /^((?:img|bat)_[0-9a-f]{32}) (\d{1,15}) ([A-Za-z0-9][\w.-]{0,63}) (-|bat_[0-9a-f]{32}) (-|[a-z]+)(?: |$)/;

/** @returns null when the message names no change */
export function parseChange(message: string): Change | null {
  const [, id, version, owner, batchId, status] = MESSAGE.exec(message) ?? [];
  if (id === undefined || owner === undefined || batchId === undefined) return null;
  return {
    id,
    version: Number(version),
    owner,
    batchId: batchId === NONE ? null : batchId,
    status: STATUSES.find((known) => known === status) ?? null,
  };
}
