/*
 * Half of a document is the same in most records: names of fields, nulls and the id in keys and URLs. Each such part is stored
 * as two characters. JSON text contains no control character, so a document without one is stored in full.
 */

const MARK = '\u0001';
/** Stands for the hex digits of the image's id. */
const ID = ' ';
/** The second characters, one for each part. Only append. */
export const CODES = "!#$%&'()*+-.:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[^_ghijklmopqrstuvwxyz|";

const HEAD = '{"id":"img_';
/** The parts, a longer one before its beginning. Only append: Redis has documents with the codes of these. */
export const PARTS = [
  HEAD,
  '","status":"queued","stage":"received","version":1,"run":1,"attempts":0,"owner":"',
  '","status":"processing","stage":"',
  '","status":"published","stage":"published","version":',
  '","status":"failed","stage":"',
  ',"run":1,"attempts":1,"owner":"',
  ',"owner":"',
  '","profile":"default","externalId":null,"metadata":{},"batchId":null,"row":null,"position":null,"createdAt":"',
  '","profile":"',
  '","externalId":null,"metadata":{},"batchId":',
  '","externalId":"',
  ',"metadata":{},"batchId":',
  'null,"row":null,"position":null,"createdAt":"',
  '"bat_',
  '","updatedAt":"',
  '","finishedAt":null,"expiresAt":null,"deleteRequestedAt":null,"source":{"kind":"upload","url":null,"filename":',
  '","finishedAt":null,"expiresAt":null,"deleteRequestedAt":null,"source":{"kind":"',
  '","finishedAt":"',
  '","expiresAt":"',
  '","deleteRequestedAt":null,"source":{"kind":"upload","url":null,"filename":',
  '","deleteRequestedAt":null,"source":{"kind":"',
  'null,"bytes":',
  ',"sha256":"',
  '","mediaType":"image/jpeg","width":',
  'null,"height":null,"frames":null},"url":null,"variants":{},"placeholder":null,"receipt":null,"timeline":[{"stage":"received","at":"',
  '"}],"error":{"code":"',
  ',"frames":1},"url":',
  'null,"variants":{},"placeholder":null,"receipt":null,"timeline":[{"stage":"received","at":"',
  ',"variants":{"main":{"url":"',
  '","key":"',
  '","width":',
  ',"height":',
  ',"bytes":',
  ',"mediaType":"image/',
  '","etag":"',
  '"},"thumb":{"url":"',
  '"}},"placeholder":{"thumbhash":"',
  '","color":"#',
  '"},"receipt":{"declaredType":',
  ',"detectedType":"image/',
  '","orientationApplied":1,"colorProfile":"sRGB',
  '","removed":[',
  '],"gpsRemoved":false,"resized":',
  ',"encoder":"',
  '","grew":null,"profileVersion":"',
  '","aiLabel":null,"c2pa":false,"copyright":null,"gainMap":null},"timeline":[{"stage":"received","at":"',
  '"},{"stage":"fetching","at":"',
  '"},{"stage":"validating","at":"',
  '"},{"stage":"normalizing","at":"',
  '"},{"stage":"uploading","at":"',
  '"},{"stage":"verifying","at":"',
  '"},{"stage":"published","at":"',
  ',"keys":["',
  ',"finalVersion":',
  '"image/',
  '/main.jpg',
  '/thumb.webp',
  ',"validator":{"request":"',
  ',"lastError":null,"nextAttemptAt":null,"reusedId":null,"deleteAt":null,"internal":{"declaredType":',
  '"}],"nextAttemptAt":null,"reusedId":null,"deleteAt":null,"lastError":null,"error":null,"ready":5,"internal":{"declaredType":',
];

const ANY_PART = new RegExp(PARTS.map((part) => RegExp.escape(part)).join('|'), 'g');
const codes = new Map(PARTS.map((part, i) => [part, MARK + CODES.charAt(i)]));
const parts = new Map(PARTS.map((part, i) => [CODES.charAt(i), part]));
const ID_LENGTH = 32;

/** The text of a document as Redis stores it. */
export function abbreviate(json: string): string {
  const id = json.startsWith(HEAD) ? json.slice(HEAD.length, HEAD.length + ID_LENGTH) : '';
  if (!/^[0-9a-f]{32}$/.test(id)) return json;
  const text = json.slice(HEAD.length + ID_LENGTH).replaceAll(id, MARK + ID);
  return `${codes.get(HEAD)}${id}${text.replace(ANY_PART, (part) => codes.get(part) ?? part)}`;
}

/** The JSON of a stored document; null if it has a part that only a newer version knows. */
export function unabbreviate(document: string): string | null {
  let at = document.indexOf(MARK);
  if (at === -1) return document;
  const id = document.slice(at + 2, at + 2 + ID_LENGTH);
  let json = document.slice(0, at);
  // Splitting the document would take half of the time again.
  while (at !== -1) {
    const code = document.charAt(at + 1);
    const part = code === ID ? id : parts.get(code);
    if (part === undefined) return null;
    const next = document.indexOf(MARK, at + 2);
    json += part + document.slice(at + 2, next === -1 ? undefined : next);
    at = next;
  }
  return json;
}
