import { IMAGE_ID } from '@pixdock/contract/ids';
import type { RedisConnection } from '../../runtime/redis.js';
import type { Order } from '../lists/order.js';
import type { ImageRecord } from './image-record.js';

/** The names by which people look for an image, and their letter in the index. */
const KINDS = { externalId: 'e', filename: 'f' } as const;

/** The beginning of a name that images are searched by. */
export interface NameSearch {
  kind: keyof typeof KINDS;
  prefix: string;
}

/** An entry of the index of names: kind, name and id. All scores are 0, so Redis orders the entries by these bytes. */
export interface NameEntry {
  id: string;
  member: string;
}

/** UTF-16 code units of a name that are in the index. The rest is compared with the record. */
const INDEXED_LENGTH = 128;
const ID_LENGTH = 'img_'.length + 32;

/** Without case, and equal in full and half width and however the accents are encoded. */
const fold = (name: string) => name.normalize('NFKC').toUpperCase();

/** Half of a surrogate pair at the cut would not survive the encoding of a script's fields. */
const startOf = ({ kind, prefix }: NameSearch) =>
  KINDS[kind] + fold(prefix).slice(0, INDEXED_LENGTH).toWellFormed();

export function beginsWith(name: string | null, prefix: string | undefined): boolean {
  return prefix === undefined || (name !== null && fold(name).startsWith(fold(prefix)));
}

/** The members of an image in the index of names. */
export function namesOf({ id, externalId, source }: ImageRecord): string[] {
  const { filename } = source;
  return [
    ...(externalId === null ? [] : [`${startOf({ kind: 'externalId', prefix: externalId })}\0${id}`]),
    ...(filename === null ? [] : [`${startOf({ kind: 'filename', prefix: filename })}\0${id}`]),
  ];
}

/** Null for a cursor that no page of this search has contained. */
export function decodeName(search: NameSearch, cursor: string): NameEntry | null {
  const member = Buffer.from(cursor, 'base64url').toString();
  const id = member.slice(-ID_LENGTH);
  return IMAGE_ID.test(id) && member.startsWith(startOf(search)) ? { id, member } : null;
}

/** The images of an index of names whose name begins so, in the order of that name. */
export function nameOrder(redis: RedisConnection, key: string, search: NameSearch): Order<NameEntry> {
  const start = startOf(search);
  // UTF-8 never contains this byte.
  const end = Buffer.concat([Buffer.from(`(${start}`), Buffer.of(0xff)]);
  return {
    encode: ({ member }) => Buffer.from(member).toString('base64url'),
    decode: (cursor) => decodeName(search, cursor),
    async read(after, count) {
      const from = after === null ? `[${start}` : `(${after.member}`;
      const members = await redis.zrangebylex(key, from, end, 'LIMIT', 0, count);
      return members.map((member) => ({ id: member.slice(-ID_LENGTH), member }));
    },
    remove: (entries) => redis.zrem(key, ...entries.map(({ member }) => member)),
  };
}
