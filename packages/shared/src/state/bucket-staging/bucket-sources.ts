import { createReadStream, createWriteStream } from 'node:fs';
import { rename, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PixdockError } from '@pixdock/contract/error';
import { discardStream } from '../files/byte-writer.js';
import { makeFolder } from '../files/folder.js';
import { removeFile } from '../files/optional-file.js';
import { localFile } from '../folder-staging/local-file.js';
import { isWhole } from '../folder-staging/source-file.js';
import { readZipEntry } from '../manifest/read-zip-entry.js';
import { batchFiles, stagedNames } from '../staged/staged-names.js';
import type { Staging } from '../staging.js';
import { type BucketFiles, bodyOf } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { FIRST_LINE_BYTES, textRange } from './stored-text.js';
import { newestOf, type Version, versionsWith } from './versions.js';

/** Bytes in memory for each entry of an archive that is read. */
const PIECE_BYTES = 1024 * 1024;

/** The sources of images: a copy on the private disk, which decoders read, and what restores it. */
export function openBucketSources(
  bucket: ObjectBucket,
  files: BucketFiles,
): Pick<Staging, 'openSource' | 'isSourceWhole' | 'hasOwnSource' | 'openSourceArrival'> {
  /** The objects that may have the source, the newest first: of a worker that fetched it, and the submissions. */
  async function candidates(id: string): Promise<Version[]> {
    const all = await Array.fromAsync(versionsWith(bucket, `${stagedNames.image(id)}/`));
    const found: Version[] = [];
    for (const name of [stagedNames.source(id), stagedNames.submission(id)]) {
      const versions = all.filter((version) => version.name === name);
      // The submission of a retry has no source.
      for (let newest = newestOf(versions); newest !== null; newest = newestOf(versions)) {
        found.push(newest);
        versions.splice(versions.indexOf(newest), 1);
      }
    }
    return found;
  }

  /** Reads an archive, which another host may replace meanwhile to erase another entry. */
  const inPieces = (name: string) =>
    async function* (from: number, to: number): AsyncGenerator<Buffer> {
      let archive = await files.newest(name);
      for (let at = from; at < to; ) {
        if (archive === null) throw new PixdockError('source_lost');
        const piece = await bucket.read(archive.key, { from: at, to: Math.min(to, at + PIECE_BYTES) });
        if (piece === null) archive = await files.newest(name);
        else {
          yield piece;
          at += PIECE_BYTES;
        }
      }
    };

  /** Where the source begins in an object. */
  const startOf =
    (id: string, { name }: Version) =>
    (beginning: Buffer) =>
      name === stagedNames.source(id) ? 0 : textRange(beginning).to;

  return {
    openSource: async (id) => localFile(files.path(stagedNames.source(id))),

    async isSourceWhole({ id, source }) {
      const path = files.path(stagedNames.source(id));
      if (await isWhole(path, source)) {
        // An image that waited for an hour has an old copy, which `tidy` would remove before it is decoded.
        await utimes(path, new Date(), new Date());
        return true;
      }
      for (const version of await candidates(id))
        if ((await files.copy(version.key, path, startOf(id, version))) && (await isWhole(path, source)))
          return true;
      return false;
    },

    // Each put was compared with its digest.
    async hasOwnSource({ id, source }) {
      for (const version of await candidates(id)) {
        const beginning = await bucket.read(version.key, { from: 0, to: FIRST_LINE_BYTES });
        if (beginning !== null && version.bytes - startOf(id, version)(beginning) === source.bytes)
          return true;
      }
      return false;
    },

    async openSourceArrival({ id, batchId, internal }, from, maxBytes) {
      const name = stagedNames.source(id);
      const path = files.path(name);
      const part = `${path}.${internal.attemptToken}`;
      const names = batchFiles(stagedNames.batch(batchId ?? ''));
      await makeFolder(dirname(path));
      const isCopied = from.kind === 'file' || from.kind === 'shared' || from.kind === 'direct';
      const stream = isCopied ? null : createWriteStream(part, { flags: 'wx', mode: 0o600 });
      const stagedName = (staged: Exclude<typeof from, { kind: 'url' | 'entry' }>) => {
        if (staged.kind === 'direct') return name;
        return staged.kind === 'file' ? names.upload(staged.name) : names.shared(staged.place);
      };
      let isCommitted = false;
      return {
        stream,
        async *chunks() {
          if (from.kind === 'url') return;
          if (from.kind === 'entry') return yield* readZipEntry(inPieces(names.archive), from, maxBytes);
          const found = await files.bring(stagedName(from), part);
          if (found === null || (from.kind === 'file' && !(await isWhole(part, from.received))))
            throw new PixdockError('source_lost');
          yield* createReadStream(part);
        },
        async commit() {
          await rename(part, path);
          isCommitted = true;
          // Another host may process the image, and a shared source or that of a URL may not be there again.
          if (from.kind !== 'direct') await files.put(name, await bodyOf(path));
        },
        async [Symbol.asyncDispose]() {
          if (stream !== null) await discardStream(stream);
          if (!isCommitted) await removeFile(part);
        },
      };
    },
  };
}
