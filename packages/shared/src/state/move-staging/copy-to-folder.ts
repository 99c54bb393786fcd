import { hash } from 'node:crypto';
import { rename, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bodyOf, openBucketFiles } from '../bucket-staging/bucket-files.js';
import type { ObjectBucket } from '../bucket-staging/object-bucket.js';
import { FIRST_LINE_BYTES, textRange } from '../bucket-staging/stored-text.js';
import { idOf, newestOf, type Version } from '../bucket-staging/versions.js';
import { writeDurably } from '../files/durable.js';
import { giveToFolderOwner, makeFolder, syncPath } from '../files/folder.js';
import { isThere, readIfThere, removeFile } from '../files/optional-file.js';
import { list } from '../folder-staging/walk.js';
import { stagedNames } from '../staged/staged-names.js';
import type { Compared } from './compare.js';
import type { Copy } from './copy-to-bucket.js';
import { kindOf, movedNames } from './moved-names.js';

/** The copies that bring a shard to the folder. What only the folder has is removed: an earlier move has left it, or services that use the bucket. */
export async function* copiesToFolder(
  bucket: ObjectBucket,
  root: string,
  { shard, files, versions }: Compared,
): AsyncGenerator<Copy> {
  const newest = new Map<string, Version>();
  for (const [name, all] of versions) {
    const version = newestOf(all);
    if (version !== null) newest.set(name, version);
  }
  const names = movedNames(newest.keys());
  /** The versions of submissions that may contain the source, by the name of the source. */
  const submitted = new Map<string, Version[]>();
  for (const name of names) {
    const source = sourceBeside(name);
    if (source !== null && !names.has(source)) submitted.set(source, versions.get(name) ?? []);
  }
  for (const name of files) if (!names.has(name) && !submitted.has(name)) await removeFile(join(root, name));
  if (shard !== null) await removeEmptyFolders(join(root, shard));
  for (const name of names) {
    const version = newest.get(name);
    if (version !== undefined) yield () => copyToFolder(bucket, root, version);
  }
  for (const [source, submissions] of submitted)
    yield () => copySubmittedSource(bucket, join(root, source), submissions);
}

/** The name of an image's source, by that of its submission. */
function sourceBeside(name: string): string | null {
  const [top, , id = ''] = name.split('/');
  return top === stagedNames.live && name === stagedNames.submission(id) ? stagedNames.source(id) : null;
}

async function removeEmptyFolders(folder: string): Promise<void> {
  for (const entry of await list(folder))
    if (entry.isDirectory()) {
      const inside = join(folder, entry.name);
      await removeEmptyFolders(inside);
      if ((await list(inside)).length === 0) await rmdir(inside);
    }
}

async function copyToFolder(bucket: ObjectBucket, root: string, version: Version): Promise<number | null> {
  const path = join(root, version.name);
  const kind = kindOf(version.name);
  // OSS promises an MD5 as the ETag of puts only, and the source of a direct upload is a copy.
  if (kind === 'appended' || version.name === stagedNames.source(idOf(version.name)))
    return copyBytes(bucket, { ...version, etag: null }, path);
  if (kind === 'bytes') return copyBytes(bucket, version, path);
  const head = await readHead(bucket, version);
  // Otherwise the source follows, and is compared together with the text.
  if (head.length === version.bytes && hash('md5', head) !== version.etag) throw damaged(version.key);
  const text = head.toString('utf8', textRange(head).from);
  if ((await readIfThere(path)) === text) return null;
  await writeDurably(path, text);
  return head.length;
}

/** The part of an object that precedes a source. */
async function readHead(bucket: ObjectBucket, { key, bytes }: Version): Promise<Buffer> {
  const beginning = await bucket.read(key, { from: 0, to: FIRST_LINE_BYTES });
  if (beginning === null) throw gone(key);
  const { to } = textRange(beginning);
  const head = await bucket.read(key, { from: 0, to });
  if (head?.length !== Math.min(to, bytes)) throw gone(key);
  return head;
}

/** Copies the source that the newest submission with a source contains. The submission of a retry has none. */
async function copySubmittedSource(
  bucket: ObjectBucket,
  path: string,
  submissions: readonly Version[],
): Promise<number | null> {
  const older = [...submissions];
  for (let version = newestOf(older); version !== null; version = newestOf(older)) {
    const head = await readHead(bucket, version);
    if (head.length < version.bytes) return copyBytes(bucket, version, path, head);
    older.splice(older.indexOf(version), 1);
  }
  await removeFile(path);
  return null;
}

/** @param head of the object, before the bytes that are copied */
async function copyBytes(
  bucket: ObjectBucket,
  { key, bytes, etag }: Pick<Version, 'key' | 'bytes'> & { etag: string | null },
  path: string,
  head: Buffer = Buffer.alloc(0),
): Promise<number | null> {
  const isWhole = async (file: string) => {
    const body = await bodyOf(file, head);
    return body.bytes === bytes && (etag === null || body.md5 === etag);
  };
  if ((await isThere(path)) && (await isWhole(path))) return null;
  await makeFolder(dirname(path), { sync: true });
  const part = `${path}.moving.tmp`;
  const files = openBucketFiles(bucket, dirname(path));
  if (!(await files.copy(key, part, () => head.length))) throw gone(key);
  if (!(await isWhole(part))) throw damaged(key);
  await giveToFolderOwner(part);
  await syncPath(part);
  await rename(part, path);
  await syncPath(dirname(path));
  return bytes - head.length;
}

const gone = (key: string) => new Error(`another process has removed ${key}`);
const damaged = (key: string) => new Error(`the copy of ${key} has another MD5 or size`);
