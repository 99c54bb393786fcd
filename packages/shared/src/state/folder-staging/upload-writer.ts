import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { asError } from '../../runtime/as-error.js';
import type { Logger } from '../../runtime/log.js';
import { openWriter } from '../files/byte-writer.js';
import { addDurably } from '../files/durable.js';
import { syncPath } from '../files/folder.js';
import { isThere, removeFile } from '../files/optional-file.js';
import { uploadFiles } from '../staged/staged-names.js';

/**
 * Adds the bytes of one request to a resumable upload. Disposal keeps the bytes of a request that was interrupted, unless they
 * have a checksum.
 */
export interface UploadWriter extends AsyncDisposable {
  write(chunk: Buffer): Promise<void>;
  /** Makes the bytes durable, and accepts those with a checksum. Returns the new offset. */
  end(): Promise<number>;
}

export async function openUploadWriter(
  folder: string,
  offset: number,
  isChecked: boolean,
  log?: Logger,
): Promise<UploadWriter> {
  const files = uploadFiles(folder);
  await truncate(files.data, offset);
  await accept();
  // Before the first byte: after a crash, this file shows that the bytes were not compared.
  if (isChecked) await addDurably(files.unchecked, String(offset));
  const stream = createWriteStream(files.data, { flags: 'r+', start: offset, flush: true });
  const file = openWriter(stream);
  let bytes = 0;
  let isOver = false;

  async function accept(): Promise<void> {
    if (!(await isThere(files.unchecked))) return;
    await removeFile(files.unchecked);
    await syncPath(folder);
  }

  return {
    async write(chunk) {
      await file.write(chunk);
      bytes += chunk.length;
    },

    async end() {
      isOver = true;
      await file.end();
      if (isChecked) await accept();
      return offset + bytes;
    },

    async [Symbol.asyncDispose]() {
      if (isOver) return;
      isOver = true;
      // The bytes of an interrupted request without a checksum stay, because the client may resume after them.
      await (isChecked ? file.abandon() : file.end()).catch((error: unknown) => {
        log?.warn({ err: asError(error) }, 'the bytes of an interrupted request could not be kept');
      });
    },
  };
}

async function truncate(path: string, bytes: number): Promise<void> {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  if (size <= bytes) return;
  await file.truncate(bytes);
  await file.sync();
}
