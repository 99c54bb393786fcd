import { STATUSES, type Status } from '@pixdock/contract/image';
import type { ImageRecord } from './image-record.js';

/** A change of an image or a batch, as Redis publishes it. */
export interface Change {
  id: string;
  version: number;
  /** Null in a message of Pixdock 0.1.0, which has only the id and the version. */
  owner: string | null;
  /** The batch of an item; null for every other image and for a batch itself. */
  batchId: string | null;
  /** Null for a batch: its status follows from its counts. */
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
  return [id, version, owner ?? NONE, NONE, NONE].join(' ');
}

// Versions have at most 15 digits, so that they are exact as numbers.
const SUBJECT = /^((?:img|bat)_[0-9a-f]{32}) (\d{1,15})(?: (.*))?$/;
const DETAILS = /^([A-Za-z0-9][\w.-]{0,63}) (-|bat_[0-9a-f]{32}) (-|[a-z]+)$/;

/**
 * Parses a message of this or of another version of Pixdock. Old and new versions run side by side during a deployment: only
 * the id and the version are required, and details in an unknown form are null.
 * @returns null when the message names no image or batch
 */
export function parseChange(message: string): Change | null {
  const [, id, version, rest = ''] = SUBJECT.exec(message) ?? [];
  if (id === undefined) return null;
  const [, owner, batchId, status] = DETAILS.exec(rest) ?? [];
  return {
    id,
    version: Number(version),
    owner: owner ?? null,
    batchId: batchId === undefined || batchId === NONE ? null : batchId,
    status: STATUSES.find((known) => known === status) ?? null,
  };
}
