import { open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, createInflateRaw } from 'node:zlib';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { EntryOrigin } from '@pixdock/shared/state/images/origin';
import { LOCAL_HEADER_BYTES, STORED } from '@pixdock/shared/state/manifest/zip-format';

const LOCAL_HEADER = 0x04034b50;

/** Reads the bytes of an archive from `from` up to, but not including, `to`; fewer at its end. */
export type ReadBytes = (from: number, to: number) => AsyncIterable<Buffer>;

/**
 * Reads the bytes of one entry of a ZIP archive, and compares their size and CRC-32 with the directory.
 * @param archive its path, or what reads it
 * @throws PixdockError source_too_large for more than `maxBytes`, image_corrupt for bytes that differ from the directory
 */
export async function* readZipEntry(
  archive: string | ReadBytes,
  origin: EntryOrigin,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  const read = typeof archive === 'string' ? readerOf(archive) : archive;
  if (origin.bytes > maxBytes) throw tooLarge(maxBytes, origin.bytes);
  let bytes = 0;
  let sum = 0;
  try {
    for await (const chunk of await openEntry(read, origin)) {
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

const readerOf = (path: string): ReadBytes =>
  async function* (from, to) {
    await using file = await open(path);
    yield* file.createReadStream({ start: from, end: to - 1, autoClose: false });
  };

async function openEntry(read: ReadBytes, origin: EntryOrigin): Promise<AsyncIterable<Buffer>> {
  const header = await buffer(read(origin.offset, origin.offset + LOCAL_HEADER_BYTES));
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE() !== LOCAL_HEADER) throw CORRUPT();
  const start = origin.offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (origin.compressedBytes === 0) return emptyStream();
  const raw = read(start, start + origin.compressedBytes);
  if (origin.method === STORED) return raw;
  // An error of either stream destroys the other, and the reader sees it.
  return pipeline(Readable.from(raw, { objectMode: false }), createInflateRaw(), () => {}) as Readable;
}

async function* emptyStream(): AsyncGenerator<Buffer> {}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function tooLarge(maxBytes: number, bytes?: number): PixdockError {
  return new PixdockError('source_too_large', detailOf('entry-over-limit', { max: maxBytes, bytes }));
}

const CORRUPT = (cause?: unknown) => new PixdockError('image_corrupt', detailOf('entry-damaged'), { cause });
