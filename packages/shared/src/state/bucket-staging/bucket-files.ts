import { createHash, hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { nowMs } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/log.js';
import { makeFolder, removeFolder } from '../files/folder.js';
import { removeFile } from '../files/optional-file.js';
import type { StagedFiles } from '../staged/staged-files.js';
import type { FileBody, ObjectBucket } from './object-bucket.js';
import { refuse } from './refusals.js';
import { textRange, toStored } from './stored-text.js';
import {
  keyOf,
  mayLandAgain,
  newestOf,
  newestWith,
  nextNumber,
  type Version,
  versionsOf,
  versionsWith,
} from './versions.js';

/** All of a staging in a bucket, and the copies on the private disk of this host. */
export interface BucketFiles extends StagedFiles {
  /** The path of a name's copy on the private disk. */
  path(name: string): string;
  newest(name: string): Promise<Version | null>;
  /** The versions that hold of all names below a folder. */
  below(folder: string): AsyncGenerator<Version>;
  /**
   * Adds a version of a name.
   * @param number by default the next one
   * @returns the key of the object; null if another process has taken the number
   */
  put(name: string, body: Buffer | FileBody, number?: number): Promise<string | null>;
  /** Writes an object to a file of the private disk; false if it is gone. */
  copy(key: string, path: string, startOf?: StartOf): Promise<boolean>;
  /** Copies the newest version of a name to a file of the private disk. @returns the version; null without one */
  bring(name: string, path: string): Promise<Version | null>;
}

/** From the beginning of an object, says where the wanted bytes begin. */
type StartOf = (beginning: Buffer) => number;

/** A folder with a note for each name whose older versions a late put may bring back. */
export const LATE = 'late';

/** A text up to this size is read with one request. */
const TEXT_BYTES = 16 * 1024;
/** Bytes in memory for each object that is copied. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** @param root of the copies on the private disk */
export function openBucketFiles(bucket: ObjectBucket, root: string, log?: Logger): BucketFiles {
  const path = (name: string) => join(root, name);
  const below = (folder: string) => newestWith(bucket, `${folder}/`);

  async function* all(name: string): AsyncGenerator<Version> {
    yield* versionsWith(bucket, `${name}~`);
    yield* versionsWith(bucket, `${name}/`);
  }

  async function has(name: string): Promise<boolean> {
    for await (const found of newestWith(bucket, name))
      if (found.name === name || found.name.startsWith(`${name}/`)) return true;
    return false;
  }

  async function put(name: string, body: Buffer | FileBody, number?: number): Promise<string | null> {
    const key = keyOf(name, number ?? nextNumber(await versionsOf(bucket, name)));
    if ((await bucket.create(key, body)) === 'stored') return key;
    return number === undefined ? put(name, body) : null;
  }

  async function write(name: string, text: string, number?: number): Promise<void> {
    if (number === undefined) return void (await replace(name, text));
    // If the number is taken, an earlier try of the caller has written the same.
    await put(name, toStored(text), number);
  }

  /** @returns the key of the new object */
  async function replace(name: string, text: string): Promise<string> {
    const older = await versionsOf(bucket, name);
    const key = await put(name, toStored(text), nextNumber(older));
    if (key === null) return replace(name, text);
    // The object of an earlier submission stays, because it contains the source.
    if (basename(name) !== 'submission.json') await bucket.remove(keysOf(older));
    return key;
  }

  async function remove(name: string): Promise<void> {
    const versions = await versionsOf(bucket, name);
    const newest = newestOf(versions);
    // A put of it that timed out may land after its removal.
    if (newest !== null && mayLandAgain(newest))
      await bucket.create(`${newest.key}~removed`, Buffer.alloc(0));
    await bucket.remove(keysOf(versions));
    await removeFile(path(name));
  }

  async function writtenAt(name: string): Promise<number | null> {
    let newest: number | null = null;
    for await (const { lastModified } of all(name)) newest = Math.max(newest ?? 0, lastModified.getTime());
    return newest;
  }

  /** Uses the newest version of a name, and the next one if it is replaced meanwhile; null without one. */
  async function useNewest<T>(name: string, use: (version: Version) => Promise<T | null>): Promise<T | null> {
    for (let last: string | null = null; ; ) {
      const newest = newestOf(await versionsOf(bucket, name));
      if (newest === null || newest.key === last) return null;
      const result = await use(newest);
      if (result !== null) return result;
      last = newest.key;
    }
  }

  async function copy(key: string, target: string, startOf: StartOf = () => 0): Promise<boolean> {
    const part = `${target}.${randomUUID()}`;
    await makeFolder(dirname(target));
    try {
      {
        await using file = await open(part, 'wx', 0o600);
        for (let at = 0, piece: Buffer | null; ; at += piece.length) {
          piece = await bucket.read(key, { from: at, to: at + PIECE_BYTES });
          if (piece === null) return false;
          await file.appendFile(at === 0 ? piece.subarray(startOf(piece)) : piece);
          if (piece.length < PIECE_BYTES) break;
        }
      }
      await rename(part, target);
      return true;
    } finally {
      await removeFile(part);
    }
  }

  const files: BucketFiles = {
    path,
    below,
    put,
    copy,
    async removeOlder(name) {
      const versions = await versionsOf(bucket, name);
      const newest = newestOf(versions);
      const older = versions.filter(({ key }) => key !== newest?.key);
      await bucket.remove(keysOf(older));
      // Another try of their put may land after this.
      if (older.some(mayLandAgain)) await write(`${LATE}/${name}`, '');
    },

    newest: async (name) => newestOf(await versionsOf(bucket, name)),

    bring: (name, target) =>
      useNewest(name, async (version) => ((await copy(version.key, target)) ? version : null)),

    read: (name) => useNewest(name, ({ key }) => readText(bucket, key)),
    write,
    writeUnsynced: write,

    async create(name, text) {
      const versions = await versionsOf(bucket, name);
      if (newestOf(versions) !== null) return false;
      const [key, body] = [keyOf(name, nextNumber(versions)), toStored(text)];
      try {
        return (await bucket.create(key, body)) === 'stored';
      } catch (error) {
        // For the caller it is not created, so it must not appear later.
        await refuse(bucket, files, { key, md5: hash('md5', body) }, log);
        throw error;
      }
    },

    async adopt(name) {
      const versions = await versionsOf(bucket, name);
      const newest = newestOf(versions);
      // The refusal takes only the number of the put that it refuses.
      if (newest !== null) await bucket.copy(newest.key, keyOf(name, nextNumber(versions)));
    },

    async add(name, text) {
      const folder = dirname(name);
      if (!(await has(folder))) return false;
      const own = await replace(name, text);
      // The folder may have been removed meanwhile.
      for await (const { key, mark } of versionsWith(bucket, `${folder}/`))
        if (key !== own && mark === null) return true;
      await remove(name);
      return false;
    },

    remove,
    removeUnsynced: remove,

    async *list(folder) {
      for await (const { name } of below(folder)) yield name;
    },

    async removeAll(folder) {
      await bucket.remove(keysOf(await Array.fromAsync(versionsWith(bucket, `${folder}/`))));
      await removeFolder(path(folder));
    },

    has,
    writtenAt,
    isIdle: async (name, ms) => ((await writtenAt(name)) ?? 0) <= nowMs() - ms,

    async namesIn(folder, beginning = '') {
      const names = new Set<string>();
      for await (const { name } of newestWith(bucket, `${folder}/${beginning}`))
        names.add(name.slice(folder.length + 1).replace(/\/.*/, ''));
      return [...names];
    },

    async bytesBelow(folder) {
      let sum = 0;
      for await (const { bytes } of versionsWith(bucket, `${folder}/`)) sum += bytes;
      return sum;
    },
  };
  return files;
}

/** The keys of versions without those of marks, which the sweep removes later. */
const keysOf = (versions: readonly Version[]): string[] =>
  versions.filter(({ mark }) => mark === null).map(({ key }) => key);

/** The text of an object; null if the object is gone. */
export async function readText(bucket: ObjectBucket, key: string): Promise<string | null> {
  const beginning = await bucket.read(key, { from: 0, to: TEXT_BYTES });
  if (beginning === null) return null;
  const range = textRange(beginning);
  const bytes =
    range.to <= beginning.length ? beginning.subarray(range.from, range.to) : await bucket.read(key, range);
  return bytes === null ? null : bytes.toString();
}

/** The bytes of a file as the body of an object, after `head`. */
export async function bodyOf(path: string, head: Buffer = Buffer.alloc(0)): Promise<FileBody> {
  const { size } = await stat(path);
  const md5 = createHash('md5').update(head);
  for await (const chunk of createReadStream(path)) md5.update(chunk);
  async function* chunks(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    yield* createReadStream(path);
  }
  return {
    bytes: head.length + size,
    md5: md5.digest('hex'),
    open: () => Readable.from(chunks(), { objectMode: false }),
  };
}
