import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { readAt } from '@pixdock/shared/runtime/read-at';
import type { EntryOrigin } from '@pixdock/shared/state/images/origin';
import { LOCAL_HEADER_BYTES, STORED } from '@pixdock/shared/state/manifest/zip-format';

const LOCAL_HEADER = 0x04034b50;

/**
 * Reads the bytes of one entry of a ZIP archive, and compares their size and CRC-32 with the directory.
 * @throws PixdockError source_too_large for more than `maxBytes`, image_corrupt for bytes that differ from the directory
 */
export async function* readZipEntry(
  path: string,
  origin: EntryOrigin,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  if (origin.bytes > maxBytes) throw tooLarge(maxBytes, origin.bytes);
  let bytes = 0;
  let sum = 0;
  try {
    for await (const chunk of await openEntry(path, origin)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      // The reservation has the size in the directory.
      if (bytes > origin.bytes) throw CORRUPT();
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? CORRUPT(error) : error;
  }
  if (bytes !== origin.bytes || sum !== origin.crc32) throw CORRUPT();
}

async function openEntry(path: string, origin: EntryOrigin): Promise<AsyncIterable<Buffer>> {
  const file = await open(path, 'r');
  let start: number;
  try {
    const header = await readAt(file, origin.offset, LOCAL_HEADER_BYTES);
    if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE() !== LOCAL_HEADER) throw CORRUPT();
    start = origin.offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
  if (origin.compressedBytes === 0) return emptyStream();
  const raw = createReadStream(path, { start, end: start + origin.compressedBytes - 1 });
  if (origin.method === STORED) return raw;
  // An error of either stream destroys the other, and the reader sees it.
  return pipeline(raw, createInflateRaw(), () => {}) as Readable;
}

async function* emptyStream(): AsyncGenerator<Buffer> {}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function tooLarge(maxBytes: number, bytes?: number): PixdockError {
  return new PixdockError('source_too_large', detailOf('entry-over-limit', { max: maxBytes, bytes }));
}

const CORRUPT = (cause?: unknown) => new PixdockError('image_corrupt', detailOf('entry-damaged'), { cause });
