import { createHmac } from 'node:crypto';

/*
 * The id of an item tells, to whoever has the batch's secret, which batch and which item it is of, so that an item has
 * its id from the first moment and needs no entry anywhere: 8 bytes of a MAC of its place, its place masked with a MAC
 * of these, and 4 bytes of the batch's id. The MAC comes first, so that object keys of one batch spread over OSS.
 */
const TAG_HEX = 16;
const PLACE_HEX = 8;

interface Batch {
  id: string;
  /** Hex. */
  secret: string;
}

/** Id of the item at `place` (from 0) of a batch; the same each time. */
export function itemId(batch: Batch, place: number): string {
  const tag = tagOf(batch, place);
  const masked = (place ^ maskOf(batch, tag)) >>> 0;
  return `img_${tag}${masked.toString(16).padStart(PLACE_HEX, '0')}${batchHint(batch.id)}`;
}

/** The item's place in the batch; null when the id is none of its items'. */
export function placeOf(batch: Batch, imageId: string): number | null {
  if (hintOf(imageId) !== batchHint(batch.id)) return null;
  const tag = imageId.slice(4, 4 + TAG_HEX);
  const masked = Number.parseInt(imageId.slice(4 + TAG_HEX, 4 + TAG_HEX + PLACE_HEX), 16);
  const place = (masked ^ maskOf(batch, tag)) >>> 0;
  return itemId(batch, place) === imageId ? place : null;
}

/** What the ids of a batch's items have in common with its own: the last 8 hex digits of theirs, the first 8 of its. */
export const hintOf = (imageId: string) => imageId.slice(-8);
export const batchHint = (batchId: string) => batchId.slice(4, 12);

function tagOf({ secret }: Batch, place: number): string {
  return mac(secret, `item ${place}`).toString('hex').slice(0, TAG_HEX);
}

function maskOf({ secret }: Batch, tag: string): number {
  return mac(secret, `place ${tag}`).readUInt32BE(0);
}

function mac(secret: string, text: string): Buffer {
  return createHmac('sha256', Buffer.from(secret, 'hex')).update(text).digest();
}
