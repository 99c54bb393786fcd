import { hash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readAt } from '../../runtime/read-at.js';
import { bodyOf } from '../bucket-staging/bucket-files.js';
import type { FileBody, ObjectBucket } from '../bucket-staging/object-bucket.js';
import { toStored } from '../bucket-staging/stored-text.js';
import { keyOf, type Version } from '../bucket-staging/versions.js';
import { readIfThere } from '../files/optional-file.js';
import { stagedNames, uploadFiles } from '../staged/staged-names.js';
import type { Compared } from './compare.js';
import { kindOf, movedNames } from './moved-names.js';

/** Copies a file or an object. Returns its bytes; null if the target has it already. */
export type Copy = () => Promise<number | null>;

/** The copies that bring a shard to the bucket. What only the bucket has is removed: an earlier move has left it. */
export async function* copiesToBucket(
  bucket: ObjectBucket,
  root: string,
  { files, versions }: Compared,
): AsyncGenerator<Copy> {
  const names = movedNames(files);
  await remove(
    bucket,
    [...versions].flatMap(([name, found]) => (names.has(name) ? [] : found)),
  );
  for (const name of names) yield () => copyToBucket(bucket, root, name, versions.get(name));
}

/** @param present what the bucket has of this name */
async function copyToBucket(
  bucket: ObjectBucket,
  root: string,
  name: string,
  present: readonly Version[] = [],
): Promise<number | null> {
  const path = join(root, name);
  const kind = kindOf(name);
  if (kind === 'appended') return append(bucket, path, keyOf(name, 1), present);
  const text = kind === 'bytes' ? null : await readFile(path, 'utf8');
  const body = text === null ? await bodyOf(path) : bodyOfText(text);
  const key = keyOf(name, text === null ? 1 : numberOf(name, text));
  const only = onlyVersion(present, key);
  if (only?.bytes === body.bytes && only.etag === body.md5) return null;
  await remove(bucket, present);
  // OSS compares the object with its MD5.
  const outcome = await bucket.create(key, 'text' in body ? body.text : body);
  if (outcome === 'exists') throw new Error(`another process has put ${key}`);
  return body.bytes;
}

/** A text always gets the same first line, so that a repeated move finds it by its MD5. */
function bodyOfText(content: string): FileBody | { bytes: number; md5: string; text: Buffer } {
  const text = toStored(content, `${hash('md5', content)}----`);
  return { bytes: text.length, md5: hash('md5', text), text };
}

/** An outcome has the version of its record, so that a later one has a higher number. */
function numberOf(name: string, text: string): number {
  if (!name.startsWith(`${stagedNames.outcomes}/`)) return 1;
  try {
    const { version } = JSON.parse(text).record;
    return Number.isSafeInteger(version) ? version : 1;
  } catch {
    // A damaged outcome, or the mark of an image that is kept.
    return 1;
  }
}

/** The version with this key, if the bucket has nothing else of its name. */
function onlyVersion(present: readonly Version[], key: string): Version | null {
  const [first, ...others] = present;
  return first?.key === key && others.length === 0 ? first : null;
}

async function remove(bucket: ObjectBucket, versions: readonly Version[]): Promise<void> {
  if (versions.length > 0) await bucket.remove(versions.map(({ key }) => key));
}

/** Bytes in memory for each upload that is copied. */
const APPEND_BYTES = 4 * 1024 * 1024;

/** Appends the bytes of a resumable upload to those that an interrupted move has appended: received bytes never change. */
async function append(
  bucket: ObjectBucket,
  path: string,
  key: string,
  present: readonly Version[],
): Promise<number | null> {
  await using file = await open(path, 'r');
  const unchecked = await readIfThere(uploadFiles(dirname(path)).unchecked);
  const { size } = await file.stat();
  const end = unchecked === null ? size : Math.min(Number(unchecked), size);
  const only = onlyVersion(present, key);
  if (only?.bytes === end) return null;
  let at = only !== null && only.bytes < end ? only.bytes : 0;
  if (at === 0) await remove(bucket, present);
  for (const from = at; ; ) {
    const piece = await readAt(file, at, Math.min(APPEND_BYTES, end - at));
    if (piece.length === 0 && at < end) throw new Error(`another process has truncated ${path}`);
    // Also without bytes, since only an append creates the object.
    if ((await bucket.append(key, at, piece)) === 'elsewhere')
      throw new Error(`another process has appended to ${key}`);
    at += piece.length;
    if (at === end) return end - from;
  }
}
