import { createWriteStream, type WriteStream } from 'node:fs';
import type { Logger } from '../../runtime/log.js';
import { discardStream } from '../files/byte-writer.js';
import { removeFolder } from '../files/folder.js';
import type { ImageArrival } from '../folder-staging/arrival.js';
import type { LocalFile } from '../folder-staging/local-file.js';
import { stagedNames } from '../staged/staged-names.js';
import { type BucketFiles, bodyOf } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { type RefusedPut, refuse } from './refusals.js';
import { openSpool } from './spool.js';
import { toStored } from './stored-text.js';
import { keyOf, newestOf, nextNumber, versionsOf } from './versions.js';

interface ArrivalParts {
  bucket: ObjectBucket;
  files: BucketFiles;
  log: Logger | undefined;
}

/** Begins an image whose source arrives now: on the private disk first, because its put names its digest. */
export async function openBucketArrival(
  parts: ArrivalParts,
  id: string,
): Promise<ImageArrival & { stream: WriteStream }> {
  const spool = await openSpool(parts.files, id);
  const stream = createWriteStream(spool.path, { flags: 'wx', mode: 0o600 });
  return { stream, ...arrivalOf(parts, id, spool, () => discardStream(stream)) };
}

/** Begins an image whose source is a resumable upload. */
export async function openUploadedBucketArrival(
  parts: ArrivalParts,
  id: string,
  uploadName: string,
): Promise<ImageArrival & { stream: null }> {
  const spool = await openSpool(parts.files, id);
  const data = await parts.files.bring(uploadName, spool.path);
  if (data === null) throw new Error(`the bytes of the upload for ${id} are gone`);
  return { stream: null, ...arrivalOf(parts, id, spool, async () => {}) };
}

/** One put accepts the image: entry and source are one object. */
function arrivalOf(
  { bucket, files, log }: ArrivalParts,
  id: string,
  spool: LocalFile,
  close: () => Promise<void>,
): Omit<ImageArrival, 'stream'> {
  let isKept = false;
  let isOver = false;
  let put: RefusedPut | null = null;
  return {
    async commit(entry) {
      const name = stagedNames.submission(id);
      const versions = await versionsOf(bucket, name);
      if (newestOf(versions) !== null) throw new Error(`${id} was staged by another request`);
      const body = await bodyOf(spool.path, toStored(JSON.stringify(entry)));
      const key = keyOf(name, nextNumber(versions));
      put = { key, md5: body.md5 };
      if ((await bucket.create(key, body)) === 'exists') {
        put = null;
        throw new Error(`${id} was staged by another request`);
      }
      // Also what a dead server received of the same request.
      await removeFolder(files.path(stagedNames.arriving(id)));
    },
    keep() {
      isKept = true;
    },
    async [Symbol.asyncDispose]() {
      if (isOver) return;
      isOver = true;
      await close();
      await spool[Symbol.asyncDispose]();
      if (!isKept && put !== null) await refuse(bucket, files, put, log);
    },
  };
}
