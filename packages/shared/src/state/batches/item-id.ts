import { createHmac } from 'node:crypto';

/*
 * With the batch's secret, an item's id reveals its batch and its place, so that no item needs an entry: 8 bytes of a MAC of
 * the place, the place masked with a MAC of these bytes, and 4 bytes of the batch's id. The MAC comes first, so that the
 * object keys of one batch spread over OSS.
 */
const TAG_HEX = 16;
const PLACE_HEX = 8;

interface Batch {
  id: string;
  /** Hex. */
  secret: string;
}

/** The id of the item at `place` (from 0) of a batch. */
export function itemId(batch: Batch, place: number): string {
  const tag = tagOf(batch, place);
  const masked = (place ^ maskOf(batch, tag)) >>> 0;
  return `img_${tag}${masked.toString(16).padStart(PLACE_HEX, '0')}${batchHint(batch.id)}`;
}

/** The item's place in the batch; null for the id of another image. */
export function placeOf(batch: Batch, imageId: string): number | null {
  if (hintOf(imageId) !== batchHint(batch.id)) return null;
  const tag = imageId.slice(4, 4 + TAG_HEX);
  const masked = Number.parseInt(imageId.slice(4 + TAG_HEX, 4 + TAG_HEX + PLACE_HEX), 16);
  const place = (masked ^ maskOf(batch, tag)) >>> 0;
  return itemId(batch, place) === imageId ? place : null;
}

/** The digits that link items to their batch: the last 8 of an item's id are the first 8 of the batch's. */
export const hintOf = (imageId: string) => imageId.slice(-8);
export const batchHint = (batchId: string) => batchId.slice(4, 12);

function tagOf({ secret }: Batch, place: number): string {
  return mac(secret, `item ${place}`).toString('hex').slice(0, TAG_HEX);
}

function maskOf({ secret }: Batch, tag: string): number {
  return mac(secret, `place ${tag}`).readUInt32BE(0);
}

/** The secret stays text: of bytes, Node would make a key object for each call, which takes six times as long. */
function mac(secret: string, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}
