import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { link, rename } from 'node:fs/promises';
import { PixdockError } from '@pixdock/contract/error';
import { discardStream } from '../files/byte-writer.js';
import { makeFolder } from '../files/folder.js';
import { removeFile } from '../files/optional-file.js';
import type { ImageRecord } from '../images/image-record.js';
import type { Origin } from '../images/origin.js';
import { readZipEntry } from '../manifest/read-zip-entry.js';
import { batchFiles } from '../staged/staged-names.js';
import type { StagingLayout } from './layout.js';
import { isWhole } from './source-file.js';

/** The source that an earlier item of the batch shares, by the place of that item. */
export interface SharedOrigin {
  kind: 'shared';
  place: number;
}

/** A source that a worker brings. Disposal removes it unless it was committed. */
export interface SourceArrival extends AsyncDisposable {
  /** Takes the bytes of the source; null if staging has them in a file, which is linked and not copied. */
  stream: WriteStream | null;
  /** The bytes that staging has of an origin other than a URL. @throws PixdockError, ENOENT */
  chunks(): AsyncGenerator<Buffer>;
  /** Makes it the source of the image. */
  commit(): Promise<void>;
}

export async function openSourceArrival(
  layout: StagingLayout,
  { id, batchId, internal }: ImageRecord,
  from: Origin | SharedOrigin,
  maxBytes: number,
): Promise<SourceArrival> {
  const path = layout.source(id);
  // An attempt that has lost the image may still be writing its own part.
  const part = `${path}.${internal.attemptToken}`;
  const files = batchFiles(layout.batch(batchId ?? ''));
  await makeFolder(layout.image(id));
  // A direct upload was in a bucket, from which `move-staging` brought it.
  if (from.kind === 'direct') return ownSource(path);
  const isLinked = from.kind === 'file' || from.kind === 'shared';
  const stream = isLinked ? null : createWriteStream(part, { flags: 'wx', mode: 0o600 });
  let isCommitted = false;
  return {
    stream,
    async *chunks() {
      if (from.kind === 'url') return;
      if (from.kind === 'entry') return yield* readZipEntry(files.archive, from, maxBytes);
      await link(from.kind === 'file' ? files.upload(from.name) : files.shared(from.place), part);
      if (from.kind === 'file' && !(await isWhole(part, from.received)))
        throw new PixdockError('source_lost');
      yield* createReadStream(part);
    },
    async commit() {
      await rename(part, path);
      isCommitted = true;
    },
    async [Symbol.asyncDispose]() {
      if (stream !== null) await discardStream(stream);
      if (!isCommitted) await removeFile(part);
    },
  };
}

/** The source that staging already has in its place. */
const ownSource = (path: string): SourceArrival => ({
  stream: null,
  async *chunks() {
    yield* createReadStream(path);
  },
  commit: async () => {},
  [Symbol.asyncDispose]: async () => {},
});
