import { createReadStream, createWriteStream } from 'node:fs';
import { UPLOAD_ID } from '@pixdock/contract/ids';
import { asError } from '../../runtime/as-error.js';
import type { Logger } from '../../runtime/log.js';
import { openWriter } from '../files/byte-writer.js';
import type { StagedUploads } from '../folder-staging/staged-uploads.js';
import type { UploadWriter } from '../folder-staging/upload-writer.js';
import { stagedNames, uploadFiles } from '../staged/staged-names.js';
import {
  finishedUploadSchema,
  isLiveUpload,
  parseUpload,
  uploadEntrySchema,
} from '../uploads/upload-entry.js';
import { readDirectUpload } from './bucket-direct-uploads.js';
import type { BucketFiles } from './bucket-files.js';
import type { ObjectBucket } from './object-bucket.js';
import { openSpool } from './spool.js';
import { idsIn, keyOf } from './versions.js';

/** Bytes of each append, which are in memory until then. */
const APPEND_BYTES = 1024 * 1024;

/** The name of the received bytes of an upload. OSS appends to one object. */
export const uploadData = (id: string) => uploadFiles(stagedNames.upload(id)).data;
const dataKey = (id: string) => keyOf(uploadData(id), 1);

/** Resumable uploads in a bucket. The length of the appended object is the offset. */
export function openBucketUploads(bucket: ObjectBucket, files: BucketFiles, log?: Logger): StagedUploads {
  const readEntry = async (id: string) =>
    parseUpload(uploadEntrySchema, await files.read(uploadFiles(stagedNames.upload(id)).entry));
  const readFinished = async (id: string) =>
    parseUpload(finishedUploadSchema, await files.read(stagedNames.finishedUpload(id)));

  /** Appends the bytes as they come, or those of a request with a checksum once they were compared with it. */
  async function openBucketWriter(id: string, offset: number, isChecked: boolean): Promise<UploadWriter> {
    const key = dataKey(id);
    let end = offset;
    let pending: Buffer[] = [];
    let bytes = 0;
    let isOver = false;

    async function flush(): Promise<void> {
      if (bytes === 0) return;
      const whole = Buffer.concat(pending);
      [pending, bytes] = [[], 0];
      if ((await bucket.append(key, end, whole)) === 'elsewhere')
        throw new Error(`${id} has other bytes at ${end}: another request appends to it`);
      end += whole.length;
    }
    async function append(chunk: Buffer): Promise<void> {
      pending.push(chunk);
      bytes += chunk.length;
      if (bytes >= APPEND_BYTES) await flush();
    }

    const checked = isChecked ? await openChecked(files, id) : null;

    return {
      write: (chunk) => (checked ?? { write: append }).write(chunk),
      async end() {
        isOver = true;
        if (checked !== null) for await (const chunk of await checked.end()) await append(chunk);
        await flush();
        return end;
      },
      async [Symbol.asyncDispose]() {
        await checked?.[Symbol.asyncDispose]();
        if (isOver || isChecked) return;
        isOver = true;
        // The client may resume after them.
        await flush().catch((error: unknown) => {
          log?.warn({ err: asError(error) }, 'the bytes of an interrupted request could not be kept');
        });
      },
    };
  }

  return {
    async create(entry) {
      await bucket.append(dataKey(entry.id), 0, Buffer.alloc(0));
      // Last: an upload without this object does not exist.
      await files.write(uploadFiles(stagedNames.upload(entry.id)).entry, JSON.stringify(entry));
    },

    async read(id) {
      const finished = await readFinished(id);
      if (finished !== null)
        return isLiveUpload(finished) ? { isFinished: true, entry: finished, offset: finished.length } : null;
      const entry = await readEntry(id);
      if (entry === null || !isLiveUpload(entry)) return null;
      const data = await bucket.head(dataKey(id));
      return data === null ? null : { isFinished: false, entry, offset: data.bytes };
    },

    write: openBucketWriter,

    async open(id) {
      const spool = await openSpool(files, id);
      await files.bring(uploadData(id), spool.path);
      return spool;
    },

    async finish(entry, resourceId) {
      const finished = finishedUploadSchema.parse({ ...entry, resourceId });
      const folder = stagedNames.upload(entry.id);
      // A deletion of the image removes the folder first.
      if (!(await files.has(folder))) return finished;
      await files.write(stagedNames.finishedUpload(entry.id), JSON.stringify(finished));
      await files.removeAll(folder);
      return finished;
    },

    async remove(id) {
      const [folder, finished] = [stagedNames.upload(id), stagedNames.finishedUpload(id)];
      const isThere = (await files.has(folder)) || (await files.has(finished));
      await files.removeAll(folder);
      await files.removeUnsynced(finished);
      return isThere;
    },

    async *leftovers() {
      for await (const id of idsIn(files.below(stagedNames.uploads), UPLOAD_ID))
        yield {
          name: id,
          isIdle: async (ms) =>
            (await files.isIdle(stagedNames.upload(id), ms)) &&
            (await files.isIdle(stagedNames.finishedUpload(id), ms)),
          remove: () => this.remove(id),
          expiresAt: async () =>
            ((await readFinished(id)) ?? (await readEntry(id)) ?? (await readDirectUpload(files, id)))
              ?.expiresAt ?? null,
        };
    },
  };
}

/** Receives the bytes of a request with a checksum. */
async function openChecked(files: BucketFiles, id: string) {
  const spool = await openSpool(files, id);
  const file = openWriter(createWriteStream(spool.path, { flags: 'wx', mode: 0o600 }));
  return {
    write: (chunk: Buffer) => file.write(chunk),
    async end(): Promise<AsyncIterable<Buffer>> {
      await file.end();
      return createReadStream(spool.path);
    },
    async [Symbol.asyncDispose]() {
      await file.abandon();
      await spool[Symbol.asyncDispose]();
    },
  };
}
