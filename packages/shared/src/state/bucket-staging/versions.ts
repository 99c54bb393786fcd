import { hash } from 'node:crypto';
import { nowMs } from '../../runtime/clock.js';
import type { ListedObject, ObjectBucket } from './object-bucket.js';

/*
 * OSS has no conditional overwrite, and a put that timed out may land late. So no object is ever overwritten: each write of a name is a new
 * object, `<name>~<number>`, and the highest number holds. What may land later is taken away by a mark: an object that only says REFUSED
 * takes its number, and `<name>~<number>~removed` takes away all up to its number.
 */

/** The body of an object that takes a number from a late put. */
export const REFUSED = Buffer.from('number refused\n');
const REFUSED_ETAG = hash('md5', REFUSED);

/** A version of a name, or a mark. */
export interface Version extends Pick<ListedObject, 'key' | 'bytes' | 'etag' | 'lastModified'> {
  name: string;
  number: number;
  mark: 'refused' | 'removed' | null;
}

/** Digits of a number. The version of a record, which is that of its outcome, grows by 2^24 with each epoch of Redis. */
const DIGITS = 16;
const KEY = new RegExp(`^(?<name>.+)~(?<number>\\d{${DIGITS}})(?:~(?<mark>removed))?$`);

export const keyOf = (name: string, number: number) => `${name}~${String(number).padStart(DIGITS, '0')}`;

/** All versions of all names that begin with `prefix`, and their marks, ordered by name and number. */
export async function* versionsWith(bucket: ObjectBucket, prefix: string, after: string | null = null) {
  for await (const { key, bytes, etag, lastModified } of bucket.list(prefix, after)) {
    const { name, number, mark } = KEY.exec(key)?.groups ?? {};
    if (name === undefined) continue;
    const version: Version = { key, bytes, etag, lastModified, name, number: Number(number), mark: null };
    if (mark !== undefined) version.mark = 'removed';
    else if (etag === REFUSED_ETAG) version.mark = 'refused';
    yield version;
  }
}

/** All versions and marks of one name. */
export async function versionsOf(bucket: ObjectBucket, name: string): Promise<Version[]> {
  return Array.fromAsync(versionsWith(bucket, `${name}~`));
}

/** The version of a name that holds; null if it is removed. */
export function newestOf(versions: readonly Version[]): Version | null {
  const removed = versions.findLast(({ mark }) => mark === 'removed')?.number ?? -1;
  const holds = ({ mark, number }: Version) => mark === null && number > removed;
  return versions.findLast(holds) ?? null;
}

/** OSS takes no request that was signed more than 15 minutes before; the clocks of hosts may be wrong. */
const LATE_PUT_MS = 3600_000;

/** Whether another try of the put of a version may still land. */
export const mayLandAgain = ({ lastModified }: Pick<Version, 'lastModified'>) =>
  lastModified.getTime() > nowMs() - LATE_PUT_MS;

/** The number for the next version of a name. */
export const nextNumber = (versions: readonly Version[]) =>
  1 + Math.max(0, ...versions.map(({ number }) => number));

/** The versions that hold of all names that begin with `prefix`. */
export async function* newestWith(bucket: ObjectBucket, prefix: string, after: string | null = null) {
  let versions: Version[] = [];
  for await (const version of versionsWith(bucket, prefix, after)) {
    if (versions[0] !== undefined && versions[0].name !== version.name) {
      const newest = newestOf(versions);
      if (newest !== null) yield newest;
      versions = [];
    }
    versions.push(version);
  }
  const newest = newestOf(versions);
  if (newest !== null) yield newest;
}

/** The ids that match in the names of versions like `live/5f/img_….json`, each once. */
export async function* idsIn(versions: AsyncIterable<Version>, pattern: RegExp): AsyncGenerator<string> {
  let last = '';
  for await (const { name } of versions) {
    const id = idOf(name);
    if (id === last || !pattern.test(id)) continue;
    last = id;
    yield id;
  }
}

/** The id in a name like `live/5f/img_…/source` or `outcomes/5f/img_….json`. */
export const idOf = (name: string): string => name.split('/')[2]?.replace(/\.json$/, '') ?? '';
